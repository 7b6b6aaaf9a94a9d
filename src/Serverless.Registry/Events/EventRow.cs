using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Events;

/// <summary>The row of a change: what happened, when and by whom. It is inserted with the change and never changed; it goes when its endpoint has its events.</summary>
internal static class EventRow
{
    private const string ActionProperty = "action";
    private const string TimeProperty = "time";
    private const string RepositoryProperty = "repository";
    private const string FromProperty = "from";
    private const string DigestProperty = "digest";
    private const string MediaTypeProperty = "mediaType";
    private const string SizeProperty = "size";
    private const string ArtifactTypeProperty = "artifactType";
    private const string TagsProperty = "tags";
    private const string OnlyTagsProperty = "onlyTags";
    private const string BlobProperty = "blob";
    private const string ActorProperty = "actor";
    private const string RequestProperty = "request";
    private const string AddressProperty = "address";
    private const string HostProperty = "host";
    private const string MethodProperty = "method";
    private const string AgentProperty = "agent";

    // What clients write into headers is cut: it is for people to read.
    private const int MaxText = 256;

    /// <summary>A name for an event: UUIDs of this kind are in order of their times.</summary>
    public static string NewId(DateTimeOffset time) => Guid.CreateVersion7(time).ToString();

    public static Dictionary<string, object> Of(RegistryChange change, ChangeOrigin origin, DateTimeOffset time)
    {
        var properties = new Dictionary<string, object>
        {
            [ActionProperty] = change.Action.ToString(),
            [TimeProperty] = RowTime.Format(time),
            [RepositoryProperty] = change.Repository.ToString(),
            [OnlyTagsProperty] = change.OnlyTags,
            [BlobProperty] = change.IsBlob,
        };
        if (change.Size is { } size) properties[SizeProperty] = size;
        Add(FromProperty, change.FromRepository?.ToString());
        Add(DigestProperty, change.Digest?.ToString());
        Add(MediaTypeProperty, change.MediaType);
        Add(ArtifactTypeProperty, change.ArtifactType);
        // Some tens at most in a push; of a deletion those of one batch.
        if (change.Tags.Count > 0) properties[TagsProperty] = string.Join(' ', change.Tags);
        Add(ActorProperty, origin.Actor);
        Add(RequestProperty, origin.RequestId);
        Add(AddressProperty, origin.Address);
        Add(HostProperty, origin.Host);
        Add(MethodProperty, origin.Method);
        Add(AgentProperty, origin.UserAgent);
        return properties;

        void Add(string name, string? text)
        {
            if (string.IsNullOrEmpty(text)) return;
            var cut = text.Length <= MaxText ? text : text[..(char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText)];
            // Storage takes no control characters everywhere, and nobody is to be told of them.
            properties[name] = cut.Any(char.IsControl) ? string.Concat(cut.Select(c => char.IsControl(c) ? ' ' : c)) : cut;
        }
    }

    /// <summary>The events that a row stands for, in their order.</summary>
    /// <exception cref="FormatException">The row makes no sense.</exception>
    /// <exception cref="InvalidDataException">A property is missing.</exception>
    public static IReadOnlyList<RegistryEvent> Read(TableRow row, string id)
    {
        var digest = row.FindString(DigestProperty) is { } text ? Digest.Parse(text) : default(Digest?);
        var whole = new RegistryEvent
        {
            Id = id,
            Time = RowTime.Parse(row.GetString(TimeProperty)),
            Action = Enum.TryParse<EventAction>(row.GetString(ActionProperty), out var action) ? action : throw new FormatException("The row is of no action that this release knows."),
            Repository = RepositoryName.Parse(row.GetString(RepositoryProperty)),
            FromRepository = row.FindString(FromProperty) is { } from ? RepositoryName.Parse(from) : null,
            Digest = digest,
            MediaType = row.FindString(MediaTypeProperty),
            Size = row.Properties.ContainsKey(SizeProperty) ? row.GetInt64(SizeProperty) : null,
            ArtifactType = row.FindString(ArtifactTypeProperty),
            IsBlob = row.Properties.GetValueOrDefault(BlobProperty) is true,
            Origin = new ChangeOrigin
            {
                Actor = row.FindString(ActorProperty),
                RequestId = row.FindString(RequestProperty),
                Address = row.FindString(AddressProperty),
                Host = row.FindString(HostProperty),
                Method = row.FindString(MethodProperty),
                UserAgent = row.FindString(AgentProperty),
            },
        };
        List<RegistryEvent> events = row.Properties.GetValueOrDefault(OnlyTagsProperty) is true ? [] : [whole];
        foreach (var tag in (row.FindString(TagsProperty) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            events.Add(whole with { Id = Numbered(id, events.Count), Tag = Tag.Parse(tag) });
        }

        return events;
    }

    /// <summary>The events that a row stands for; none of one that makes no sense, such as one of a newer release.</summary>
    public static IReadOnlyList<RegistryEvent> ReadOrNone(TableRow row, string id)
    {
        try
        {
            return Read(row, id);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            return [];
        }
    }

    // The first has the row's own id; those of the others follow from it, so that each has the same at every attempt. A UUID of the kind that is left to applications (RFC 9562, version 8).
    private static string Numbered(string id, int number)
    {
        if (number == 0) return id;
        var bytes = SHA256.HashData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}/{number}")))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }
}
