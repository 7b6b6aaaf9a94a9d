using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Storage;

/// <summary>
/// The only place where keys are made.
/// <code>
/// registry   enc(repository)   m:&lt;digest&gt;              a manifest: type, subject, references, and the payload up to 640 KiB; a larger one is a blob
///                              t:&lt;tag&gt;                 a tag: digest, type, size, and the payload if it is at most 64 KiB
///                              r:&lt;subject&gt;:&lt;digest&gt;    a referrer: its descriptor
///                              u:&lt;uuid&gt;                an upload session: open, committing or gone
///                              b:&lt;digest&gt;              a hint: this repository holds, or once held, a link to that blob; with its size
///                              h:&lt;tag&gt;:&lt;time&gt;          a move of a tag, newest first
///                              d:&lt;digest&gt;:&lt;tag&gt;        a hint: the tag points at the manifest, or once did
///                              d:&lt;digest&gt;:&lt;digest&gt;     a hint: the second manifest, an index, names the first, or once did
///                              x:&lt;tag or digest&gt;       what was deleted, for a grace: a tag's digest; a manifest's row, with its tags
///                              p:&lt;tag or digest&gt;       a note of its last pull, which the Timestamp tells to the hour
///                              f:&lt;digest&gt;              an instance fetches the blob from what the repository mirrors
///                              e:&lt;endpoint&gt;:&lt;uuid&gt;     an event for an endpoint, inserted with the change that it tells of; in order of time
/// blobs      &lt;digest&gt;          !                       the blob: location and size of its bytes; sorts before every link
///                              enc(repository)         a link: this repository may read the blob; carries location and size
///                              ~a                      that the blob was linked once where distribution had put its bytes; stays when the blob goes
///                              ~e:&lt;endpoint&gt;:&lt;uuid&gt;    as e: of a repository, of a blob; like ~a behind what a scan of links reads
/// system     catalog:enc(head) enc(repository)         a repository that has, or had, manifests; head is its name up to and including the first slash
///            repositories:&lt;xx&gt; enc(repository)         a repository to be looked at by the garbage collector; 00 to 3f, by the hash of its name
///            digests:&lt;xx&gt;      &lt;digest&gt;                a blob to be looked at by the garbage collector, and the bytes that it was about to delete; 00 to 3f
///            outbox:&lt;xx&gt;       enc(repository)         a repository that has events, or is about to; 00 to 3f
///                              &lt;digest&gt;                the same of a blob
///                              either+&lt;endpoint&gt;       who delivers to the endpoint, and when that is to be tried again
///            undelivered       &lt;endpoint&gt;:&lt;uuid&gt;       an event that was given up
///            secrets           &lt;name&gt;                  what all instances must share
///            keys              &lt;id&gt;                    a key that signs tokens
///            accounts          &lt;name&gt;                  a user or robot
///            scopes            &lt;name&gt;                  a scope map: rights that accounts refer to
///            refresh           SHA-256 of the token    a refresh token
///            tasks             &lt;name&gt;                  who does a timed task, when it was last done, and where to go on
///            imports           i:&lt;id&gt;                  an import, the newest first: what was asked for, how it stands, who is at it
///                              o:&lt;hash&gt;                an import from there to there has not ended
///            audit             &lt;time&gt;&lt;random&gt;          a change by those who look after the registry, the newest first
///            moving            &lt;random&gt;                for a moment, whether two stores of a move are the same
///            settings          pulls                   since when pulls are noted
///            usage:enc(head)   =enc(repository)        how much the repository's links are, as the garbage collector has counted them
///                              +enc(repository):&lt;digest&gt;  a blob that was linked since then, or was about to be, where a quota holds
///            shared            switches                read-only mode and the delete switch, while they are set at run time
///            shared            identity                a random id, and whether the container was marked with it
///            shared            policy                  what the garbage collector takes for garbage
///            shared            format                  the oldest releases that may write, and collect
///            shared            usage                   what all blobs take together, as the last verification has counted them
///            shared            quota:enc(pattern)      how much namespaces may hold
///            shared            lock:enc(repository):&lt;tag or digest&gt;    that it may neither be moved nor deleted
///
/// objects    data/&lt;aa&gt;/&lt;random&gt;                        the bytes of one attempt to push a blob
///            registry                                the id of the registry whose bytes these are
/// </code>
/// enc(name) turns <c>-</c> into <c>,</c>, <c>.</c> into <c>-</c> and <c>/</c> into <c>.</c>: storage takes no slash in a key, and this way keys sort
/// as names do in ASCII.
/// </summary>
public static partial class TableKeys
{
    /// <summary>What belongs to one repository.</summary>
    public const string RegistryTable = "registry";

    /// <summary>Blobs and who may read them.</summary>
    public const string BlobsTable = "blobs";

    /// <summary>What belongs to the registry as a whole.</summary>
    public const string SystemTable = "system";

    /// <summary>Begins the name of every object that holds a blob's bytes. Others in the same container are somebody else's.</summary>
    public const string ObjectPrefix = "data/";

    /// <summary>The object that says whose bytes a container holds.</summary>
    public const string MarkerObject = "registry";

    /// <summary>The row of a blob in its partition.</summary>
    public const string BlobRow = "!";

    /// <summary>The row that says that a blob was linked where it lay; no scan of links reaches as far.</summary>
    public const string AdoptedRow = "~a";

    /// <summary>Prefix of manifest rows.</summary>
    public const string ManifestPrefix = "m:";

    /// <summary>Prefix of tag rows.</summary>
    public const string TagPrefix = "t:";

    /// <summary>Prefix of hints.</summary>
    public const string HintPrefix = "b:";

    /// <summary>Prefix of referrers.</summary>
    public const string ReferrersPrefix = "r:";

    /// <summary>Prefix of upload sessions.</summary>
    public const string UploadPrefix = "u:";

    /// <summary>Prefix of notes of pulls.</summary>
    public const string PullPrefix = "p:";

    /// <summary>Prefix of claims to fetch blobs.</summary>
    public const string FetchPrefix = "f:";

    /// <summary>Prefix of what leads back from manifests to what names them.</summary>
    public const string PointerPrefix = "d:";

    /// <summary>Prefix of what was deleted.</summary>
    public const string DeletedPrefix = "x:";

    /// <summary>Prefix of the moves of all tags.</summary>
    public const string HistoriesPrefix = "h:";

    /// <summary>Digits of the random part of an object's name.</summary>
    public const int RandomLength = 32;

    // The key of a move ends with a time of so many digits, a hyphen, and so many random ones.
    private const int TicksLength = 19;
    private const int MoveSuffix = 8;

    /// <summary>A manifest.</summary>
    public static RowKey Manifest(RepositoryName repository, Digest digest) => new(Encode(repository), ManifestPrefix + digest);

    /// <summary>A tag.</summary>
    public static RowKey Tag(RepositoryName repository, Tag tag) => new(Encode(repository), TagPrefix + tag);

    /// <summary>A referrer of a subject.</summary>
    public static RowKey Referrer(RepositoryName repository, Digest subject, Digest digest) => new(Encode(repository), ReferrerPrefix(subject) + digest);

    /// <summary>Prefix of the referrers of a subject.</summary>
    public static string ReferrerPrefix(Digest subject) => $"{ReferrersPrefix}{subject}:";

    /// <summary>The referrer that a key is of.</summary>
    /// <exception cref="FormatException">The key is not of a referrer.</exception>
    public static Digest ReferrerDigest(RowKey key)
    {
        // The subject, like the referrer, has one colon.
        var parts = key.Row.Split(':');
        return Digest.Parse(parts.Length == 5 ? $"{parts[3]}:{parts[4]}" : "");
    }

    /// <summary>An upload session.</summary>
    public static RowKey Upload(RepositoryName repository, Guid id) => new(Encode(repository), UploadPrefix + id.ToString("N"));

    /// <summary>A hint that the repository holds a link to the blob.</summary>
    public static RowKey Hint(RepositoryName repository, Digest digest) => new(Encode(repository), HintPrefix + digest);

    /// <summary>A move of a tag. Newer moves sort first; the random end keeps two in one tick apart.</summary>
    public static RowKey History(RepositoryName repository, Tag tag, DateTimeOffset time) =>
        new(Encode(repository), string.Create(CultureInfo.InvariantCulture,
            $"{HistoryPrefix(tag)}{DateTimeOffset.MaxValue.UtcTicks - time.UtcTicks:d19}-{RandomNumberGenerator.GetHexString(MoveSuffix, lowercase: true)}"));

    /// <summary>A move of a tag, by the end of its key.</summary>
    /// <exception cref="FormatException">It is the end of no such key.</exception>
    public static RowKey History(RepositoryName repository, string end)
    {
        var colon = end.IndexOf(':', StringComparison.Ordinal);
        var key = new RowKey(Encode(repository), HistoriesPrefix + end);
        if (colon < 0 || end.Length != colon + 1 + TicksLength + 1 + MoveSuffix || !Oci.Tag.TryParse(end[..colon], out _)) throw new FormatException($"'{end}' is no move of a tag.");
        _ = HistoryTime(key);
        return key;
    }

    /// <summary>Prefix of the moves of a tag.</summary>
    public static string HistoryPrefix(Tag tag) => $"{HistoriesPrefix}{tag}:";

    /// <summary>A note of the last pull by this name.</summary>
    public static RowKey Pull(RepositoryName repository, Reference reference) => new(Encode(repository), PullPrefix + reference);

    /// <summary>A claim to fetch a blob from what the repository mirrors.</summary>
    public static RowKey Fetch(RepositoryName repository, Digest digest) => new(Encode(repository), FetchPrefix + digest);

    /// <summary>What was deleted by this name.</summary>
    public static RowKey Deleted(RepositoryName repository, Reference reference) => new(Encode(repository), DeletedPrefix + reference);

    /// <summary>What leads from a manifest to a tag.</summary>
    public static RowKey Pointer(RepositoryName repository, Digest digest, Tag tag) => new(Encode(repository), PointersTo(digest) + tag);

    /// <summary>What leads from a manifest to an index that names it.</summary>
    public static RowKey Pointer(RepositoryName repository, Digest digest, Digest parent) => new(Encode(repository), PointersTo(digest) + parent);

    /// <summary>Prefix of what leads from a manifest to what names it.</summary>
    public static string PointersTo(Digest digest) => $"{PointerPrefix}{digest}:";

    /// <summary>The manifest that a key leads from, and the name of what it leads to: a tag, or a digest.</summary>
    /// <exception cref="FormatException">The key is of another kind.</exception>
    public static (Digest Digest, string Name) PointerParts(RowKey key)
    {
        // A digest has one colon, a tag none.
        var parts = key.Row.Split(':', 4);
        return parts.Length == 4 ? (Digest.Parse($"{parts[1]}:{parts[2]}"), parts[3]) : throw new FormatException("The key leads nowhere.");
    }

    /// <summary>The time of a move, UTC, as its key has it.</summary>
    public static DateTimeOffset HistoryTime(RowKey key)
    {
        var time = key.Row.AsSpan(key.Row.LastIndexOf(':') + 1, TicksLength);
        return new DateTimeOffset(DateTimeOffset.MaxValue.UtcTicks - long.Parse(time, CultureInfo.InvariantCulture), TimeSpan.Zero);
    }

    /// <summary>The blob itself.</summary>
    public static RowKey Blob(Digest digest) => new(digest.ToString(), BlobRow);

    /// <summary>That a blob was linked once to bytes under a name that is not random.</summary>
    public static RowKey Adopted(Digest digest) => new(digest.ToString(), AdoptedRow);

    /// <summary>A repository's link to a blob.</summary>
    public static RowKey Link(Digest digest, RepositoryName repository) => new(digest.ToString(), Encode(repository));

    /// <summary>A fresh name for the bytes of a blob. It is random: nobody can work out a name, and no replay hits another's bytes.</summary>
    public static string NewObjectName() => ObjectName(RandomNumberGenerator.GetHexString(RandomLength, lowercase: true));

    /// <summary>Where the bytes of a blob are in another store, to which the registry is moved: names that are random stay; any other, as distribution has given it, becomes one that looks like them.</summary>
    /// <param name="location">Where they are in this one.</param>
    public static string MovedObjectName(string location) => location.StartsWith(ObjectPrefix, StringComparison.Ordinal)
        ? location
        : ObjectName(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(location)))[..RandomLength]);

    /// <summary>The name with this random part, of <see cref="RandomLength"/> hexadecimal digits.</summary>
    public static string ObjectName(string random) => $"{ObjectPrefix}{random[..2]}/{random}";

    /// <summary>A repository's name as a key.</summary>
    public static string Encode(RepositoryName repository) => Encode(repository.ToString());

    /// <summary>Any text as a key with the alphabet of names, for a place to go on from that need not be a name.</summary>
    public static string Encode(string name) => string.Create(name.Length, name, static (key, name) =>
    {
        for (var i = 0; i < key.Length; i++) key[i] = name[i] switch { ',' => '+', '-' => ',', '.' => '-', '/' => '.', var c => c };
    });

    /// <summary>The repository's name in a key.</summary>
    /// <exception cref="FormatException">The key is not of a repository.</exception>
    public static RepositoryName Decode(string key) => RepositoryName.Parse(NameIn(key));

    /// <summary>As <see cref="Decode"/>, for keys that somebody else may have written: false when the key is not of a repository.</summary>
    public static bool TryDecode(string key, out RepositoryName name) => RepositoryName.TryParse(NameIn(key), out name);

    private static string NameIn(string key) => string.Create(key.Length, key, static (name, key) =>
    {
        for (var i = 0; i < name.Length; i++) name[i] = key[i] switch { ',' => '-', '-' => '.', '.' => '/', var c => c };
    });
}
