using System.Buffers.Binary;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Blobs;

/// <summary>
/// The row of an upload session, <c>u:</c>.
/// <code>
///            first PATCH            PUT                                   purge, once the token is too old
///   (none) -------------> open ------------> committing(digest)  -------------------------> (none)
///      \                   |  each PATCH: one more segment            (PUT again with the same digest within ten minutes: 201 again)
///       \---- cancel ------+---> gone ------------------------------------------------------> (none)
/// </code>
/// Each arrow is an insert or a replace under the ETag read, so of two requests one loses and reads again.
/// </summary>
internal sealed record UploadSession
{
    private const string StateProperty = "state";
    private const string LocationProperty = "location";
    private const string OffsetProperty = "offset";
    private const string HashProperty = "hash";
    private const string DigestProperty = "digest";
    private const string VerifiedProperty = "verified";
    private const string SegmentsProperty = "segments";
    private const int SegmentSize = 20;
    private static readonly string[] s_known = [StateProperty, LocationProperty, OffsetProperty, HashProperty, DigestProperty, VerifiedProperty];

    /// <summary>What is needed to read where a session's bytes are, and no more.</summary>
    public static readonly string[] LocationProperties = [StateProperty, LocationProperty, OffsetProperty];

    public required UploadState State { get; init; }

    /// <summary>The object that the blocks belong to.</summary>
    public string Location { get; init; } = "";

    /// <summary>Bytes kept so far.</summary>
    public long Offset { get; init; }

    /// <summary>The saved hash of these bytes.</summary>
    public byte[] Hash { get; init; } = [];

    /// <summary>Whose blocks make up these bytes, in order.</summary>
    public IReadOnlyList<Segment> Segments { get; init; } = [];

    /// <summary>What the client said the bytes are, once it finished.</summary>
    public Digest? Digest { get; init; }

    /// <summary>Whether the bytes are known to have the digest; false while they must still be read for an algorithm other than the session's.</summary>
    public bool Verified { get; init; }

    /// <summary>The version that was read; null for a session without a row.</summary>
    public string? ETag { get; init; }

    /// <summary>When the row was written, by storage's clock.</summary>
    public DateTimeOffset WrittenAt { get; init; }

    /// <summary>
    /// For how long after it was written nothing but a retry need be expected of the session; null: whoever has its token may go on. A client that has lost the answer to its last PUT
    /// sends it again at once; hours later the same PUT would only link again what somebody has deleted meanwhile. One that was recorded at its start may begin as long as any other.
    /// </summary>
    public TimeSpan? PatienceOf(RegistryOptions options) => State switch
    {
        UploadState.Committing => options.FinishedUploadMemory,
        UploadState.Open when Hash.Length == 0 && Segments.Count == 0 => UploadTokens.TimeToBegin,
        _ => null,
    };

    /// <summary>What only a newer release knows of the session.</summary>
    public IReadOnlyDictionary<string, object> Others { get; init; } = new Dictionary<string, object>();

    /// <summary>A session that holds nothing yet.</summary>
    public static UploadSession New() => new() { State = UploadState.Open, Location = TableKeys.NewObjectName() };

    public static UploadSession Gone { get; } = new() { State = UploadState.Gone };

    public int BlockCount => Segments.Sum(s => s.Count);

    /// <summary>Whether the blocks make up the bytes that the client was told of. An upload of which they do not must never become a blob.</summary>
    public bool IsWhole => Segments.Sum(s => s.Size) == Offset;

    public IReadOnlyList<string> BlockIds => [.. Segments.SelectMany(s => s.BlockIds())];

    public static UploadSession Read(TableRow row)
    {
        var segments = LargeBinary.Find(row, SegmentsProperty) ?? ReadOnlyMemory<byte>.Empty;
        List<Segment> list = [];
        for (var rest = segments.Span; rest.Length >= SegmentSize; rest = rest[SegmentSize..])
        {
            list.Add(new Segment(new BlockPrefix(BinaryPrimitives.ReadUInt64BigEndian(rest)), BinaryPrimitives.ReadInt32BigEndian(rest[8..]), BinaryPrimitives.ReadInt64BigEndian(rest[12..])));
        }

        return new UploadSession
        {
            State = Enum.TryParse<UploadState>(row.GetString(StateProperty), out var state) ? state : throw new InvalidDataException("The upload's state cannot be read."),
            Location = row.FindString(LocationProperty) ?? "",
            Offset = row.GetInt64(OffsetProperty),
            Hash = row.FindBytes(HashProperty) ?? [],
            Segments = list,
            Digest = row.FindString(DigestProperty) is { } digest ? Oci.Digest.Parse(digest) : null,
            Verified = row.Properties.ContainsKey(VerifiedProperty),
            ETag = row.ETag,
            WrittenAt = row.Timestamp,
            Others = row.Others(static name => s_known.Contains(name) || name.StartsWith(SegmentsProperty, StringComparison.Ordinal)),
        };
    }

    public Dictionary<string, object> ToProperties()
    {
        var properties = new Dictionary<string, object>(Others) { [StateProperty] = State.ToString(), [OffsetProperty] = Offset };
        // Whoever dies between ending a session and dropping its bytes leaves to the purge where they are.
        if (Location.Length > 0) properties[LocationProperty] = Location;
        if (Digest is { } digest) properties[DigestProperty] = digest.ToString();
        if (State == UploadState.Gone) return properties;
        if (Hash.Length > 0) properties[HashProperty] = Hash;
        if (Verified) properties[VerifiedProperty] = true;
        var segments = new byte[Segments.Count * SegmentSize];
        for (var i = 0; i < Segments.Count; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(segments.AsSpan(i * SegmentSize), Segments[i].Prefix.Value);
            BinaryPrimitives.WriteInt32BigEndian(segments.AsSpan((i * SegmentSize) + 8), Segments[i].Count);
            BinaryPrimitives.WriteInt64BigEndian(segments.AsSpan((i * SegmentSize) + 12), Segments[i].Size);
        }

        LargeBinary.Write(properties, SegmentsProperty, segments);
        return properties;
    }
}

/// <summary>Where an upload session stands.</summary>
internal enum UploadState
{
    /// <summary>Chunks may come.</summary>
    Open,

    /// <summary>The client has finished it; the bytes are being made a blob, or are one.</summary>
    Committing,

    /// <summary>Cancelled or purged; nothing may be added or finished any more.</summary>
    Gone,
}
