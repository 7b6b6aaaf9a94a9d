using Azure;
using Azure.Core;

namespace Serverless.AzureStorage.Tables;

/// <summary>An action as the Table service's REST interface has it, alone or as a part of a transaction.</summary>
internal readonly record struct TableRequest(RequestMethod Method, string Path, string? IfMatch, ReadOnlyMemory<byte> Body)
{
    private static readonly RequestMethod s_merge = new("MERGE");

    public static TableRequest Of(TableTransactionAction action, string table)
    {
        var entity = action.Entity;
        var path = EntityPath(table, entity.PartitionKey, entity.RowKey);
        // Without If-Match a MERGE or PUT is an upsert, and a DELETE is refused.
        var condition = action.ETag == default ? ETag.All.ToString() : action.ETag.ToString();
        return action.ActionType switch
        {
            TableTransactionActionType.Add => new(RequestMethod.Post, table, null, TableEntityJson.Write(entity)),
            TableTransactionActionType.UpsertMerge => new(s_merge, path, null, TableEntityJson.Write(entity)),
            TableTransactionActionType.UpsertReplace => new(RequestMethod.Put, path, null, TableEntityJson.Write(entity)),
            TableTransactionActionType.UpdateMerge => new(s_merge, path, condition, TableEntityJson.Write(entity)),
            TableTransactionActionType.UpdateReplace => new(RequestMethod.Put, path, condition, TableEntityJson.Write(entity)),
            TableTransactionActionType.Delete => new(RequestMethod.Delete, path, condition, default),
            var other => throw new ArgumentOutOfRangeException(nameof(action), other, "Not an action."),
        };
    }

    public static string EntityPath(string table, string partitionKey, string rowKey) => $"{table}(PartitionKey='{Quote(partitionKey)}',RowKey='{Quote(rowKey)}')";

    private static string Quote(string key) => Uri.EscapeDataString(key.Replace("'", "''", StringComparison.Ordinal));
}
