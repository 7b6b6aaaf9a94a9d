namespace Serverless.Registry.Storage;

/// <summary>
/// The address of a row inside its table. Each part has at most 512 characters and none of <c>/ \ # ?</c> or control characters
/// (Azure Table Storage, "Understanding the Table service data model").
/// </summary>
/// <param name="Partition">Rows of one partition can be changed together.</param>
/// <param name="Row">Unique in the partition; rows are ordered by it, ordinally.</param>
public readonly record struct RowKey(string Partition, string Row);
