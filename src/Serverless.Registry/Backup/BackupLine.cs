using System.Text.Json.Serialization;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Backup;

/// <summary>A line of a file in a backup. The kinds are a closed family.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Blob), "blob")]
[JsonDerivedType(typeof(Manifest), "manifest")]
[JsonDerivedType(typeof(Tag), "tag")]
[JsonDerivedType(typeof(Move), "move")]
[JsonDerivedType(typeof(Account), "account")]
internal abstract record BackupLine
{
    /// <summary>A blob of the repository, whose content is in the archive.</summary>
    /// <param name="Digest">The blob.</param>
    /// <param name="Size">Its size in bytes.</param>
    /// <param name="Location">The object that held it. If it still does, no bytes need be sent to bring it back.</param>
    public sealed record Blob(string Digest, long Size, string Location) : BackupLine;

    /// <summary>A manifest.</summary>
    /// <param name="Digest">The manifest.</param>
    /// <param name="MediaType">The type it was pushed as.</param>
    /// <param name="Payload">Its bytes; null: they are a blob of the same digest.</param>
    public sealed record Manifest(string Digest, string MediaType, byte[]? Payload) : BackupLine;

    /// <summary>A tag.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Digest">The manifest that it points at.</param>
    /// <param name="Pushed">When it was pushed or moved, UTC.</param>
    public sealed record Tag(string Name, string Digest, DateTimeOffset Pushed) : BackupLine;

    /// <summary>A move of a tag.</summary>
    /// <param name="Key">The end of its key: the tag, and the time.</param>
    /// <param name="Digest">What it pointed at.</param>
    /// <param name="MediaType">The type of that.</param>
    /// <param name="Size">Its size in bytes.</param>
    /// <param name="Actor">Who moved it; null when unknown.</param>
    public sealed record Move(string Key, string Digest, string MediaType, long Size, string? Actor) : BackupLine
    {
        /// <summary>The manifest.</summary>
        [JsonIgnore]
        public Descriptor Target => new(MediaType, Oci.Digest.Parse(Digest), Size);
    }

    /// <summary>An account or a scope map, as its row has it.</summary>
    /// <param name="Partition">The row's partition.</param>
    /// <param name="Row">Its key there.</param>
    /// <param name="Properties">What it holds.</param>
    public sealed record Account(string Partition, string Row, IReadOnlyDictionary<string, RowValue> Properties) : BackupLine;
}

/// <summary>A property of a row: exactly one of these is set.</summary>
internal sealed record RowValue(string? Text = null, bool? Flag = null, int? Number = null, long? LongNumber = null, byte[]? Bytes = null)
{
    public static RowValue Of(object value) => value switch
    {
        string text => new RowValue(Text: text),
        bool flag => new RowValue(Flag: flag),
        int number => new RowValue(Number: number),
        long number => new RowValue(LongNumber: number),
        byte[] bytes => new RowValue(Bytes: bytes),
        _ => throw new InvalidDataException($"A property is a {value.GetType().Name}, which rows do not hold."),
    };

    /// <exception cref="InvalidDataException">Nothing is set.</exception>
    public object ToObject() => Text ?? (object?)Flag ?? Number ?? LongNumber ?? (object?)Bytes ?? throw new InvalidDataException("A property of an account has no value.");
}

/// <summary>That a backup was begun.</summary>
/// <param name="Format">The number of the format that its files have.</param>
/// <param name="Time">When, UTC.</param>
/// <param name="Registry">The id of the registry; null when it had none.</param>
internal sealed record BegunFile(int Format, DateTimeOffset Time, string? Registry);

/// <summary>How backups are written as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BackupLine))]
[JsonSerializable(typeof(BegunFile))]
[JsonSerializable(typeof(BackupInfo))]
internal sealed partial class BackupJson : JsonSerializerContext;
