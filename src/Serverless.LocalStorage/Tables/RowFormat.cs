using System.Formats.Cbor;

namespace Serverless.LocalStorage.Tables;

/// <summary>
/// The properties of a row as bytes, a CBOR map (RFC 8949). Large binaries are kept beside the others, so that who touches a row or reads a few of its properties neither writes nor reads them;
/// in the row a null stands for each.
/// </summary>
internal static class RowFormat
{
    private const int LargeFrom = 512;

    // Tells a 64-bit integer from one of 32 bits. The tag is one of those that RFC 8949 leaves to whoever comes first.
    private const CborTag Long = (CborTag)0x1_0040;

    // What rows without properties are: those of the catalog, of queues and hints.
    private const byte EmptyMap = 0xa0;

    public static (byte[] Row, byte[]? Large) Encode(IReadOnlyDictionary<string, object> properties)
    {
        var large = properties.Count(IsLarge);
        var row = Write(properties, properties.Count, static property => IsLarge(property) ? null : property.Value);
        return (row, large == 0 ? null : Write(properties.Where(IsLarge), large, static property => property.Value));
    }

    /// <summary>Reads the properties of a row.</summary>
    /// <param name="row">The row's bytes.</param>
    /// <param name="large">The bytes of the large ones; null where they were not read, or there are none.</param>
    /// <param name="select">The properties that are wanted; null: all.</param>
    /// <returns>The properties; null when one is wanted that was not read.</returns>
    /// <exception cref="InvalidDataException">The bytes make no sense.</exception>
    public static Dictionary<string, object>? Decode(byte[] row, byte[]? large, IReadOnlyList<string>? select)
    {
        Dictionary<string, object> properties = new(StringComparer.Ordinal);
        if (row is [EmptyMap]) return properties;
        try
        {
            if (Read(row, select, properties) == 0) return properties;
            return large is not null && Read(large, select, properties) == 0 ? properties : null;
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException)
        {
            throw new InvalidDataException("A row of the database cannot be read", e);
        }
    }

    private static bool IsLarge(KeyValuePair<string, object> property) => property.Value is byte[] { Length: >= LargeFrom };

    private static byte[] Write(IEnumerable<KeyValuePair<string, object>> properties, int count, Func<KeyValuePair<string, object>, object?> valueOf)
    {
        CborWriter writer = new(CborConformanceMode.Lax);
        writer.WriteStartMap(count);
        foreach (var property in properties)
        {
            writer.WriteTextString(property.Key);
            WriteValue(writer, valueOf(property));
        }

        writer.WriteEndMap();
        return writer.Encode();
    }

    private static void WriteValue(CborWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNull();
                break;
            case string text:
                writer.WriteTextString(text);
                break;
            case byte[] bytes:
                writer.WriteByteString(bytes);
                break;
            case bool flag:
                writer.WriteBoolean(flag);
                break;
            case int number:
                writer.WriteInt32(number);
                break;
            case long number:
                writer.WriteTag(Long);
                writer.WriteInt64(number);
                break;
            default:
                throw new ArgumentException($"Rows hold no {value.GetType().Name}.");
        }
    }

    /// <returns>How many of those that are wanted are kept elsewhere.</returns>
    private static int Read(byte[] bytes, IReadOnlyList<string>? select, Dictionary<string, object> properties)
    {
        CborReader reader = new(bytes, CborConformanceMode.Lax);
        var elsewhere = 0;
        for (var left = reader.ReadStartMap(); left > 0; left--)
        {
            var name = reader.ReadTextString();
            if (select is not null && !select.Contains(name)) reader.SkipValue();
            else if (ReadValue(reader) is { } value) properties[name] = value;
            else elsewhere++;
        }

        return elsewhere;
    }

    private static object? ReadValue(CborReader reader)
    {
        switch (reader.PeekState())
        {
            case CborReaderState.Null:
                reader.ReadNull();
                return null;
            case CborReaderState.TextString:
                return reader.ReadTextString();
            case CborReaderState.ByteString:
                return reader.ReadByteString();
            case CborReaderState.Boolean:
                return reader.ReadBoolean();
            case CborReaderState.Tag:
                return reader.ReadTag() == Long ? reader.ReadInt64() : throw new InvalidDataException("A row holds a value of a kind that this release does not know");
            default:
                return reader.ReadInt32();
        }
    }
}
