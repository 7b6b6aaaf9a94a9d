using Azure;

namespace Serverless.AzureStorage.Tables;

/// <summary>How an existing entity is updated.</summary>
public enum TableUpdateMode
{
    /// <summary>The properties are added to those that it has.</summary>
    Merge,

    /// <summary>The properties take the place of those that it has.</summary>
    Replace,
}

/// <summary>What an action of a transaction does.</summary>
public enum TableTransactionActionType
{
    /// <summary>Adds an entity; there must be none.</summary>
    Add,

    /// <summary>Merges into an entity that must exist.</summary>
    UpdateMerge,

    /// <summary>Replaces an entity that must exist.</summary>
    UpdateReplace,

    /// <summary>Deletes an entity that must exist.</summary>
    Delete,

    /// <summary>Merges into an entity, or adds it.</summary>
    UpsertMerge,

    /// <summary>Replaces an entity, or adds it.</summary>
    UpsertReplace,
}

/// <summary>One action of a transaction.</summary>
/// <param name="actionType">What it does.</param>
/// <param name="entity">To which entity.</param>
/// <param name="etag">The version that the entity must have; the default demands none.</param>
public sealed class TableTransactionAction(TableTransactionActionType actionType, TableEntity entity, ETag etag = default)
{
    /// <summary>What it does.</summary>
    public TableTransactionActionType ActionType { get; } = actionType;

    /// <summary>To which entity.</summary>
    public TableEntity Entity { get; } = entity;

    /// <summary>The version that the entity must have.</summary>
    public ETag ETag { get; } = etag;
}

/// <summary>A transaction was refused; nothing of it was applied.</summary>
/// <param name="failure">What the service said.</param>
/// <param name="failedTransactionActionIndex">The first action that could not be applied; null when the service did not say.</param>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "It always tells of an answer.")]
public sealed class TableTransactionFailedException(RequestFailedException failure, int? failedTransactionActionIndex)
    : RequestFailedException(failure.Status, failure.Message, failure.ErrorCode, failure)
{
    /// <summary>The first action that could not be applied.</summary>
    public int? FailedTransactionActionIndex { get; } = failedTransactionActionIndex;
}
