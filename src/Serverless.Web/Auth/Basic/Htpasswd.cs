using Serverless.Registry.Storage;

namespace Serverless.Web.Auth.Basic;

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
