using System.Buffers.Text;
using System.Security.Cryptography;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Accounts;

/// <summary>Refresh tokens: random, kept as hashes, bound to a subject and a service, and revocable.</summary>
public sealed class RefreshTokenStore(ITableStore tables, TimeProvider timeProvider)
{
    private const string SubjectProperty = "subject";
    private const string ServiceProperty = "service";
    private const string ExpiresProperty = "expires";
    private const string LastProperty = "last";
    private const string GenerationProperty = "generation";
    private const string RulesProperty = "rules";
    private const int MaxLength = 100;
    private const int Entropy = 32;
    private const int NotesInLife = 24;
    private const string TokenPrefix = "srr_";
    private static readonly int s_length = TokenPrefix.Length + Base64Url.GetEncodedLength(Entropy);

    /// <summary>
    /// Whether a text has the form of a token, which no password that somebody chooses has. Tokens from before there was the prefix have not: they hold, but must be sent as what
    /// they are.
    /// </summary>
    public static bool IsToken(string text) => text.Length == s_length && text.StartsWith(TokenPrefix, StringComparison.Ordinal);

    /// <summary>Gives out a token.</summary>
    /// <param name="subject">Whose it is.</param>
    /// <param name="service">The service that it is good for.</param>
    /// <param name="lifetime">How long it lives from its last use.</param>
    /// <param name="most">How long it lives however often it is used.</param>
    /// <param name="origin">How the subject has signed in.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The token, which is kept nowhere.</returns>
    public async Task<string> IssueAsync(string subject, string service, TimeSpan lifetime, TimeSpan most, RefreshOrigin origin, CancellationToken cancellationToken)
    {
        var token = TokenPrefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Entropy));
        var properties = new Dictionary<string, object>
        {
            [SubjectProperty] = subject,
            [ServiceProperty] = service,
            [ExpiresProperty] = RowTime.Format(timeProvider.GetUtcNow() + (lifetime < most ? lifetime : most)),
            [LastProperty] = RowTime.Format(timeProvider.GetUtcNow() + most),
        };
        if (origin is RefreshOrigin.Password password) properties[GenerationProperty] = password.Generation;
        else properties[RulesProperty] = string.Join(' ', ((RefreshOrigin.Federation)origin).Rules);
        await tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Upsert(TableKeys.RefreshToken(token), properties), cancellationToken);
        return token;
    }

    /// <summary>Looks a token up: one round trip to storage. Null when it was never given out, was revoked, has expired or is for another service.</summary>
    public async Task<RefreshToken?> FindAsync(string token, string service, CancellationToken cancellationToken)
    {
        if (token.Length is 0 or > MaxLength) return null;
        var row = await tables.FindAsync(TableKeys.SystemTable, TableKeys.RefreshToken(token), cancellationToken);
        return row is not null && Read(row) is { } found && found.Service == service && timeProvider.GetUtcNow() < found.Expires ? found : null;
    }

    /// <summary>Notes that a token was used, so that it lives on; written only when a good part of its life has gone by since it was last.</summary>
    /// <param name="token">The token.</param>
    /// <param name="found">As it was just read.</param>
    /// <param name="lifetime">How long it lives from now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task NoteUseAsync(string token, RefreshToken found, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var until = timeProvider.GetUtcNow() + lifetime;
        if (until > found.Last) until = found.Last;
        if (until - found.Expires < lifetime / NotesInLife) return;
        // One that was taken back meanwhile stays so.
        var note = new RowWrite.Merge(TableKeys.RefreshToken(token), new Dictionary<string, object> { [ExpiresProperty] = RowTime.Format(until) }, "*");
        await tables.WriteAsync(TableKeys.SystemTable, note, cancellationToken);
    }

    /// <summary>Takes a token back.</summary>
    /// <returns>False when there is no such token.</returns>
    public async Task<bool> RevokeAsync(string token, CancellationToken cancellationToken) =>
        (await tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.RefreshToken(token), "*"), cancellationToken)).Done;

    /// <summary>Takes back all tokens of a subject, or those of everybody that have expired when the subject is null. Reads all tokens.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> PurgeAsync(string? subject, CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var row in tables.ListAsync(TableKeys.SystemTable, RowQuery.Prefix(TableKeys.RefreshTokenPartition, ""), cancellationToken))
        {
            var token = Read(row);
            if (subject is null ? timeProvider.GetUtcNow() < token.Expires : token.Subject != subject) continue;
            if ((await tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(row.Key, row.ETag), cancellationToken)).Done) count++;
        }

        return count;
    }

    private static RefreshToken Read(TableRow row) => new(
        row.GetString(SubjectProperty),
        row.GetString(ServiceProperty),
        RowTime.Parse(row.GetString(ExpiresProperty)),
        row.FindTime(LastProperty) ?? RowTime.Parse(row.GetString(ExpiresProperty)),
        row.FindString(GenerationProperty) is { } generation
            ? new RefreshOrigin.Password(generation)
            : new RefreshOrigin.Federation(row.GetString(RulesProperty).Split(' ', StringSplitOptions.RemoveEmptyEntries)));
}
