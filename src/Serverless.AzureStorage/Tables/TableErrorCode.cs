namespace Serverless.AzureStorage.Tables;

/// <summary>Error codes of the Table service that callers tell apart.</summary>
public static class TableErrorCode
{
    /// <summary>The table does not exist.</summary>
    public const string TableNotFound = "TableNotFound";

    /// <summary>There is a table of that name.</summary>
    public const string TableAlreadyExists = "TableAlreadyExists";

    /// <summary>The table was deleted a moment ago and its name is not free yet.</summary>
    public const string TableBeingDeleted = "TableBeingDeleted";

    /// <summary>There is an entity of that key.</summary>
    public const string EntityAlreadyExists = "EntityAlreadyExists";

    /// <summary>The entity does not exist.</summary>
    public const string ResourceNotFound = "ResourceNotFound";

    /// <summary>The entity has another ETag.</summary>
    public const string UpdateConditionNotSatisfied = "UpdateConditionNotSatisfied";
}
