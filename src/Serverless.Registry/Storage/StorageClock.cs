namespace Serverless.Registry.Storage;

/// <summary>The storage service's clock, which gives rows their Timestamps. It is read by writing a row: instances' own clocks differ.</summary>
internal static class StorageClock
{
    public static async Task<DateTimeOffset> ReadAsync(ITableStore tables, CancellationToken cancellationToken)
    {
        await tables.WriteAsync(TableKeys.SystemTable, RowWrite.Note(TableKeys.Clock), cancellationToken);
        var row = await tables.FindAsync(TableKeys.SystemTable, TableKeys.Clock, cancellationToken);
        return row?.Timestamp ?? throw new InvalidDataException("The row of the clock vanished from the system table.");
    }
}
