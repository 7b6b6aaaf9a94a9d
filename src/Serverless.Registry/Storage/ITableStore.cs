namespace Serverless.Registry.Storage;

/// <summary>
/// The port to the metadata: tables of rows with ETags. Implementations make a table when it is first missed. Each call is one round trip to storage
/// (retries of a failed call and the making of a table aside). Calls that are repeated after a lost answer must be recognised by the caller: an insert
/// may answer <see cref="WriteOutcome.Exists"/> and a conditional write <see cref="WriteOutcome.ETagMismatch"/> because of our own first try.
/// </summary>
/// <remarks>All methods throw <see cref="StorageUnavailableException"/> when storage does not answer or asks for a pause.</remarks>
public interface ITableStore
{
    /// <summary>Reads one row; null when it does not exist.</summary>
    Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken);

    /// <summary>Reads one page of rows.</summary>
    /// <param name="table">The table.</param>
    /// <param name="query">Which rows.</param>
    /// <param name="continuation">Of the page before; null for the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken);

    /// <summary>Changes one row.</summary>
    Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken);

    /// <summary>Changes up to 100 different rows of one partition, 4 MiB in all: every one of them, or none.</summary>
    Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken);
}
