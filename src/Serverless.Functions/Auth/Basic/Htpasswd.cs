using System.Globalization;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Generators;
using Serverless.Functions.Auth.Passwords;
using Serverless.Registry.Storage;

namespace Serverless.Functions.Auth.Basic;

/// <summary>The users of an htpasswd file, read again when it changes. Only bcrypt hashes count.</summary>
internal sealed partial class Htpasswd(HtpasswdSource source, TimeProvider timeProvider, ILogger<Htpasswd> logger) : IDisposable
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _one = new(1, 1);
    private State? _state;

    /// <summary>The users and their hashes, at most five seconds old.</summary>
    /// <exception cref="StorageUnavailableException">It has never been read.</exception>
    public async ValueTask<HtpasswdUsers> GetAsync(CancellationToken cancellationToken)
    {
        if (_state is { } state && !IsDue(state)) return state.Users;
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_state is null || IsDue(_state)) _state = await LookOrKeepAsync(_state, cancellationToken);
            return _state.Users;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private bool IsDue(State state) => timeProvider.GetElapsedTime(state.Looked) >= s_lookEvery;

    // To lock everybody out because storage or the disk does not answer would be worse than an old file.
    private async Task<State> LookOrKeepAsync(State? before, CancellationToken cancellationToken)
    {
        try
        {
            return await LookAsync(before, cancellationToken);
        }
        catch (Exception e) when (e is StorageUnavailableException or IOException or UnauthorizedAccessException)
        {
            if (before is null) throw new StorageUnavailableException("The htpasswd file cannot be read.", e);
            LogUnreadable(e);
            return before with { Looked = timeProvider.GetTimestamp() };
        }
    }

    private async Task<State> LookAsync(State? before, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetTimestamp();
        var version = await source.FindVersionAsync(cancellationToken);
        if (before is not null && version == before.Version) return before with { Looked = now };
        if (version is not null && await source.ReadAsync(cancellationToken) is { } text)
        {
            var users = HtpasswdUsers.Parse(text);
            LogRead(users.Count, users.Ignored);
            return new State(users, version, now);
        }

        // An editor may be replacing the file at this moment; to lock everybody out for that would be worse than a few more seconds of the old one.
        if (before is null) throw new FileNotFoundException("The htpasswd file is not there.");
        LogGone();
        return before with { Looked = now };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Read {Users} users from the htpasswd file; {Ignored} lines without a bcrypt hash have no effect")]
    private partial void LogRead(int users, int ignored);

    [LoggerMessage(Level = LogLevel.Error, Message = "The htpasswd file is gone; its last users stay for now")]
    private partial void LogGone();

    [LoggerMessage(Level = LogLevel.Error, Message = "The htpasswd file cannot be read; its last users stay for now")]
    private partial void LogUnreadable(Exception exception);

    private sealed record State(HtpasswdUsers Users, string Version, long Looked);
}

/// <summary>The users of one version of an htpasswd file.</summary>
internal sealed class HtpasswdUsers
{
    private readonly Dictionary<string, string> _hashes = new(StringComparer.Ordinal);
    private string _decoy = "";

    /// <summary>How many users there are.</summary>
    public int Count => _hashes.Count;

    /// <summary>How many lines have no effect.</summary>
    public int Ignored { get; private set; }

    /// <summary>Names and hashes, in the order of the file.</summary>
    public IEnumerable<(string Name, string Hash)> All => _hashes.Select(h => (h.Key, h.Value));

    public static HtpasswdUsers Parse(string text)
    {
        var users = new HtpasswdUsers();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && PasswordHashes.IsBcrypt(line[(colon + 1)..])) users._hashes[line[..colon]] = line[(colon + 1)..];
            else users.Ignored++;
        }

        // What unknown users are compared with costs as much as the dearest of the known.
        var cost = users._hashes.Values.Select(h => int.Parse(h.AsSpan(4, 2), CultureInfo.InvariantCulture)).DefaultIfEmpty(10).Max();
        users._decoy = OpenBsdBCrypt.Generate("decoy".ToCharArray(), RandomNumberGenerator.GetBytes(16), Math.Clamp(cost, 4, 15));
        return users;
    }

    /// <summary>The user's hash, or one that no password fits.</summary>
    public string HashOf(string name, out bool known)
    {
        known = _hashes.TryGetValue(name, out var hash);
        return hash ?? _decoy;
    }
}
