using System.Collections.Concurrent;
using Azure;
using Serverless.AzureStorage.Tables;
using Serverless.Registry.Storage;

namespace Serverless.AzureStorage;

/// <summary><see cref="ITableStore"/> on Azure Table Storage. Tables are made when they are first missed.</summary>
/// <param name="service">The account.</param>
/// <param name="prefix">Begins the name of every table, for several registries in one account; letters and digits.</param>
public sealed class AzureTableStore(TableServiceClient service, string prefix = "") : ITableStore
{
    // A merge of nothing might be taken for no change. This one is, and is not shown to readers.
    private const string TouchProperty = "touched";

    private readonly ConcurrentDictionary<string, TableClient> _tables = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken)
    {
        TableLimits.Check(key);
        var found = await WithTableAsync(table, t => t.GetEntityIfExistsAsync(key.Partition, key.Row, cancellationToken), static _ => default, cancellationToken);
        return found.HasValue ? Row(found.Value!) : null;
    }

    /// <inheritdoc/>
    public Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken) =>
        WithTableAsync(table, async t =>
        {
            var pages = t.QueryAsync(Filter(query), query.PageSize, query.Select, cancellationToken).AsPages(continuation);
            await foreach (var page in pages)
            {
                return new RowPage([.. page.Values.Select(Row)], page.ContinuationToken) { Time = page.GetRawResponse().Headers.Date };
            }

            return new RowPage([], null);
        }, static _ => default, cancellationToken);

    /// <inheritdoc/>
    public Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken)
    {
        TableLimits.Check(write);
        return WithTableAsync(
            table,
            async t =>
            {
                var answer = await SendAsync(t, write, cancellationToken);
                return new WriteResult(WriteOutcome.Done, answer.Headers.ETag?.ToString());
            },
            static e => Outcome(e) is { } outcome ? (true, new WriteResult(outcome)) : default,
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken)
    {
        TableLimits.Check(batch);
        return WithTableAsync(
            table,
            async t =>
            {
                await t.SubmitTransactionAsync(batch.Select(Action), cancellationToken);
                return new BatchResult(WriteOutcome.Done);
            },
            static e => Outcome(e) is { } outcome ? (true, new BatchResult(outcome, (e as TableTransactionFailedException)?.FailedTransactionActionIndex ?? 0)) : default,
            cancellationToken);
    }

    private async Task<T> WithTableAsync<T>(
        string table, Func<TableClient, Task<T>> call, Func<RequestFailedException, (bool Expected, T Result)> expected, CancellationToken cancellationToken)
    {
        var client = _tables.GetOrAdd(table, static (name, state) => state.service.GetTableClient(state.prefix + name), (service, prefix));
        return await StorageFailure.GuardAsync(
            async () =>
            {
                try
                {
                    return await call(client);
                }
                catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.TableNotFound)
                {
                    await client.CreateIfNotExistsAsync(cancellationToken);
                    return await call(client);
                }
            },
            expected);
    }

    private static Task<Response> SendAsync(TableClient table, RowWrite write, CancellationToken cancellationToken)
    {
        var action = Action(write);
        return action.ActionType switch
        {
            TableTransactionActionType.Add => table.AddEntityAsync(action.Entity, cancellationToken),
            TableTransactionActionType.UpsertReplace => table.UpsertEntityAsync(action.Entity, TableUpdateMode.Replace, cancellationToken),
            TableTransactionActionType.UpsertMerge => table.UpsertEntityAsync(action.Entity, TableUpdateMode.Merge, cancellationToken),
            TableTransactionActionType.UpdateReplace => table.UpdateEntityAsync(action.Entity, action.ETag, TableUpdateMode.Replace, cancellationToken),
            TableTransactionActionType.UpdateMerge => table.UpdateEntityAsync(action.Entity, action.ETag, TableUpdateMode.Merge, cancellationToken),
            _ => table.DeleteEntityAsync(action.Entity.PartitionKey, action.Entity.RowKey, action.ETag, cancellationToken),
        };
    }

    private static TableTransactionAction Action(RowWrite write) => write switch
    {
        RowWrite.Insert w => new(TableTransactionActionType.Add, Entity(w.Key, w.Properties)),
        RowWrite.Upsert w => new(TableTransactionActionType.UpsertReplace, Entity(w.Key, w.Properties)),
        RowWrite.UpsertMerge w => new(TableTransactionActionType.UpsertMerge, w.Properties.Count > 0 ? Entity(w.Key, w.Properties) : Touched(w.Key)),
        RowWrite.Replace w => new(TableTransactionActionType.UpdateReplace, Entity(w.Key, w.Properties), new ETag(w.ETag)),
        RowWrite.Touch w => new(TableTransactionActionType.UpdateMerge, Touched(w.Key), new ETag(w.ETag)),
        RowWrite.Delete w => new(TableTransactionActionType.Delete, new TableEntity(w.Key.Partition, w.Key.Row), new ETag(w.ETag)),
        _ => throw new ArgumentException("Not a known kind of write.", nameof(write)),
    };

    private static TableEntity Entity(RowKey key, IReadOnlyDictionary<string, object> properties) => new(key.Partition, key.Row, properties);

    private static TableEntity Touched(RowKey key) => new(key.Partition, key.Row) { [TouchProperty] = true };

    private static TableRow Row(TableEntity entity)
    {
        entity.Remove(TouchProperty);
        return new TableRow(
            new RowKey(entity.PartitionKey, entity.RowKey),
            entity,
            entity.ETag.ToString(),
            entity.Timestamp ?? throw new InvalidDataException("The Table service sent an entity without Timestamp."));
    }

    private static WriteOutcome? Outcome(RequestFailedException e) => (e.Status, e.ErrorCode) switch
    {
        (409, TableErrorCode.EntityAlreadyExists) => WriteOutcome.Exists,
        (404, not TableErrorCode.TableNotFound) => WriteOutcome.NotFound,
        (412, _) => WriteOutcome.ETagMismatch,
        _ => null,
    };

    private static string Filter(RowQuery query)
    {
        var range = $"RowKey ge '{Quote(query.From)}' and RowKey lt '{Quote(query.To)}'";
        return query.Partition is { } partition ? $"PartitionKey eq '{Quote(partition)}' and {range}" : range;
    }

    private static string Quote(string text) => text.Replace("'", "''", StringComparison.Ordinal);
}
