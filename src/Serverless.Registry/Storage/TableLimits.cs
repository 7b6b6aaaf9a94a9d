using System.Buffers;
using System.Buffers.Text;

namespace Serverless.Registry.Storage;

/// <summary>The limits of a table store, those of Azure Table Storage. Every implementation refuses what goes beyond them before it writes.</summary>
public static class TableLimits
{
    /// <summary>Longest partition or row key, in characters.</summary>
    public const int KeyLength = 512;

    /// <summary>Largest binary property, in bytes.</summary>
    public const int PropertySize = 64 * 1024;

    /// <summary>Largest row, in bytes as it is sent: the service counts binary as it is, its emulator as base64, so the stricter count is kept to.</summary>
    public const int RowSize = 1024 * 1024;

    /// <summary>Most changes in a batch.</summary>
    public const int BatchCount = 100;

    /// <summary>Largest batch, in bytes.</summary>
    public const int BatchSize = 4 * 1024 * 1024;

    private static readonly SearchValues<char> s_forbidden = SearchValues.Create([.. "/\\#?", .. Enumerable.Range(0, 0x20).Select(c => (char)c), .. Enumerable.Range(0x7f, 0x21).Select(c => (char)c)]);

    /// <summary>Refuses a key that storage would not take.</summary>
    /// <exception cref="ArgumentException">A part is too long or holds a forbidden character.</exception>
    public static void Check(RowKey key)
    {
        if (key.Partition.Length > KeyLength || key.Row.Length > KeyLength) throw new ArgumentException("A key is longer than 512 characters.");
        if (key.Partition.AsSpan().ContainsAny(s_forbidden) || key.Row.AsSpan().ContainsAny(s_forbidden))
        {
            throw new ArgumentException("A key holds a character that storage does not take.");
        }
    }

    /// <summary>Refuses a change that storage would not take.</summary>
    /// <returns>Its size in bytes, roughly.</returns>
    /// <exception cref="ArgumentException">The key, a property or the row is beyond the limits.</exception>
    public static int Check(RowWrite write)
    {
        Check(write.Key);
        var properties = write switch
        {
            RowWrite.Insert w => w.Properties,
            RowWrite.Upsert w => w.Properties,
            RowWrite.UpsertMerge w => w.Properties,
            RowWrite.Replace w => w.Properties,
            RowWrite.Merge w => w.Properties,
            _ => null,
        };
        var size = 2 * (write.Key.Partition.Length + write.Key.Row.Length);
        foreach (var (name, value) in properties ?? new Dictionary<string, object>())
        {
            var bytes = value switch
            {
                byte[] b => b.Length <= PropertySize ? Base64.GetMaxEncodedToUtf8Length(b.Length) : throw TooLarge(name),
                string s => 2 * s.Length <= PropertySize ? 2 * s.Length : throw TooLarge(name),
                bool or int or long => 8,
                _ => throw new ArgumentException($"Property '{name}' is a {value.GetType().Name}, which rows do not hold."),
            };
            size += bytes + (2 * name.Length) + 8;
        }

        return size <= RowSize ? size : throw new ArgumentException("The row is larger than 1 MiB.");
    }

    /// <summary>Refuses a batch that storage would not take.</summary>
    /// <exception cref="ArgumentException">It is empty, too long, too large, or names two partitions or one row twice.</exception>
    public static void Check(IReadOnlyList<RowWrite> batch)
    {
        if (batch.Count is 0 or > BatchCount) throw new ArgumentException("A batch holds 1 to 100 changes.");
        var rows = new HashSet<string>(StringComparer.Ordinal);
        var size = 0;
        foreach (var write in batch)
        {
            size += Check(write);
            if (write.Key.Partition != batch[0].Key.Partition) throw new ArgumentException("A batch belongs to one partition.");
            if (!rows.Add(write.Key.Row)) throw new ArgumentException("A batch changes each row once.");
        }

        if (size > BatchSize) throw new ArgumentException("The batch is larger than 4 MiB.");
    }

    private static ArgumentException TooLarge(string name) => new($"Property '{name}' is larger than 64 KiB.");
}
