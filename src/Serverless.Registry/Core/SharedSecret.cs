using System.Security.Cryptography;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>
/// A secret that all instances must agree on: configured, or made by whichever instance comes first and kept in the system table. It is read once in the
/// life of a process.
/// </summary>
internal sealed class SharedSecret(ITableStore tables, string name, ReadOnlyMemory<byte>? configured)
{
    private const string ValueProperty = "value";

    private byte[]? _value = configured?.ToArray();

    public async ValueTask<byte[]> GetAsync(CancellationToken cancellationToken) =>
        _value ??= await ReadOrMakeAsync(TableKeys.Secret(name), cancellationToken);

    private async Task<byte[]> ReadOrMakeAsync(RowKey key, CancellationToken cancellationToken)
    {
        if (await tables.FindAsync(TableKeys.SystemTable, key, cancellationToken) is not { } row)
        {
            var made = new Dictionary<string, object> { [ValueProperty] = RandomNumberGenerator.GetBytes(32) };
            await tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Insert(key, made), cancellationToken);
            // Whoever was first, the stored one counts; this read also settles an insert whose answer was lost.
            row = await tables.FindAsync(TableKeys.SystemTable, key, cancellationToken)
                ?? throw new InvalidDataException($"The secret '{name}' vanished from the system table.");
        }

        return row.FindBytes(ValueProperty) ?? throw new InvalidDataException($"The secret '{name}' in the system table has no value.");
    }
}
