using System.Collections.Concurrent;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Serverless.Registry.Storage;

namespace Serverless.AzureStorage;

/// <summary><see cref="ITableStore"/> on Azure Table Storage. Tables are made when they are first missed.</summary>
/// <param name="service">The account, with the policies of <see cref="AzureStores"/>.</param>
/// <param name="prefix">Begins the name of every table, for several registries in one account; letters and digits.</param>
public sealed class AzureTableStore(TableServiceClient service, string prefix = "") : ITableStore
{
    // A merge of nothing might be taken for no change. This one is, and is not shown to readers.
    private const string TouchProperty = "touched";

    private readonly ConcurrentDictionary<string, TableClient> _tables = new(StringComparer.Ordinal);

    internal CallLimits Limits { get; init; } = CallLimits.Default;

    /// <inheritdoc/>
    public async Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken)
    {
        TableLimits.Check(key);
        var found = await WithTableAsync(table, (t, end) => t.GetEntityIfExistsAsync<TableEntity>(key.Partition, key.Row, null, end), static _ => default, cancellationToken);
        return found.HasValue ? Row(found.Value!) : null;
    }

    /// <inheritdoc/>
    public Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken) =>
        WithTableAsync(table, async (t, end) =>
        {
            var pages = t.QueryAsync<TableEntity>(Filter(query), query.PageSize, Selected(query), end).AsPages(continuation);
            await foreach (var page in pages)
            {
                var time = page.GetRawResponse().Headers.Date ?? throw new InvalidDataException("The Table service sent a page without a date.");
                return new RowPage([.. page.Values.Select(Row)], page.ContinuationToken, time);
            }

            throw new InvalidDataException("The Table service sent no page.");
        }, static _ => default, cancellationToken);

    /// <inheritdoc/>
    public Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken)
    {
        TableLimits.Check(write);
        return WithTableAsync(
            table,
            async (t, end) =>
            {
                var answer = await SendAsync(t, write, end);
                // The client takes a delete of what is not there for a success.
                return answer.Status == 404 ? new WriteResult(WriteOutcome.NotFound) : new WriteResult(WriteOutcome.Done, answer.Headers.ETag?.ToString());
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
            async (t, end) =>
            {
                await t.SubmitTransactionAsync(batch.Select(Action), end);
                return new BatchResult(WriteOutcome.Done);
            },
            static e => Outcome(e) is { } outcome ? (true, new BatchResult(outcome, (e as TableTransactionFailedException)?.FailedTransactionActionIndex)) : default,
            cancellationToken);
    }

    private async Task<T> WithTableAsync<T>(
        string table, Func<TableClient, CancellationToken, Task<T>> call, Func<RequestFailedException, (bool Expected, T Result)> expected, CancellationToken cancellationToken)
    {
        var client = _tables.GetOrAdd(table, static (name, state) => state.service.GetTableClient(state.prefix + name), (service, prefix));
        return await StorageFailure.GuardAsync(
            async end =>
            {
                try
                {
                    return await call(client, end);
                }
                catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.TableNotFound)
                {
                    await client.CreateIfNotExistsAsync(end);
                    return await call(client, end);
                }
            },
            expected,
            Limits.Call,
            cancellationToken);
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
        RowWrite.Merge w => new(TableTransactionActionType.UpdateMerge, w.Properties.Count > 0 ? Entity(w.Key, w.Properties) : Touched(w.Key), new ETag(w.ETag)),
        RowWrite.Touch w => new(TableTransactionActionType.UpdateMerge, Touched(w.Key), new ETag(w.ETag)),
        RowWrite.Delete w => new(TableTransactionActionType.Delete, new TableEntity(w.Key.Partition, w.Key.Row), new ETag(w.ETag)),
        _ => throw new ArgumentException("Not a known kind of write.", nameof(write)),
    };

    private static TableEntity Entity(RowKey key, IReadOnlyDictionary<string, object> properties)
    {
        var entity = new TableEntity(key.Partition, key.Row);
        foreach (var (name, value) in properties) entity[name] = value;
        return entity;
    }

    private static TableEntity Touched(RowKey key) => new(key.Partition, key.Row) { [TouchProperty] = true };

    private static TableRow Row(TableEntity entity) => new(
        new RowKey(entity.PartitionKey, entity.RowKey),
        entity.Where(static property => property.Value is not null && !IsOfService(property.Key)).ToDictionary(StringComparer.Ordinal),
        entity.ETag.ToString(),
        entity.Timestamp ?? throw new InvalidDataException("The Table service sent an entity without Timestamp."));

    private static bool IsOfService(string property) =>
        property is "PartitionKey" or "RowKey" or "Timestamp" or TouchProperty || property.StartsWith("odata.", StringComparison.Ordinal);

    private static WriteOutcome? Outcome(RequestFailedException e) => e.Status switch
    {
        409 when e.ErrorCode == TableErrorCode.EntityAlreadyExists => WriteOutcome.Exists,
        404 when e.ErrorCode != TableErrorCode.TableNotFound => WriteOutcome.NotFound,
        412 => WriteOutcome.ETagMismatch,
        _ => null,
    };

    // Of a row whose properties are selected the service sends nothing else but the ETag.
    private static IEnumerable<string>? Selected(RowQuery query) => query.Select is { } names ? ["PartitionKey", "RowKey", "Timestamp", .. names] : null;

    private static string Filter(RowQuery query)
    {
        List<string> conditions = [];
        if (query.Partition is { } partition) conditions.Add($"PartitionKey eq '{Quote(partition)}'");
        if (query is { Partition: null, FirstPartition: { } first }) conditions.Add($"PartitionKey ge '{Quote(first)}'");
        if (query is { Partition: null, EndPartition: { } end }) conditions.Add($"PartitionKey lt '{Quote(end)}'");
        return string.Join(" and ", [.. conditions, $"RowKey ge '{Quote(query.From)}'", $"RowKey lt '{Quote(query.To)}'"]);
    }

    private static string Quote(string text) => text.Replace("'", "''", StringComparison.Ordinal);
}
