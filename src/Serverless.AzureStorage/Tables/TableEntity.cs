using Azure;

namespace Serverless.AzureStorage.Tables;

/// <summary>An entity of Azure Table Storage as a dictionary. Values are strings, integers, booleans and byte arrays.</summary>
public sealed class TableEntity : Dictionary<string, object>
{
    /// <summary>An empty entity.</summary>
    public TableEntity(string partitionKey, string rowKey)
        : base(StringComparer.Ordinal) => (PartitionKey, RowKey) = (partitionKey, rowKey);

    /// <summary>An entity with these properties.</summary>
    public TableEntity(string partitionKey, string rowKey, IReadOnlyDictionary<string, object> properties)
        : base(properties, StringComparer.Ordinal) => (PartitionKey, RowKey) = (partitionKey, rowKey);

    /// <summary>The partition that it belongs to.</summary>
    public string PartitionKey { get; }

    /// <summary>Its key in the partition.</summary>
    public string RowKey { get; }

    /// <summary>The service's time of the last write, UTC; null for an entity that was not read.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Its version.</summary>
    public ETag ETag { get; init; }
}
