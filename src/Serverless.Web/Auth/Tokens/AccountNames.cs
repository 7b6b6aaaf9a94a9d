using Serverless.Registry.Accounts;

namespace Serverless.Web.Auth.Tokens;

/// <summary>Which names there are, as they were half a minute ago, so that a flood of others asks storage for nothing. They are read only while somebody asks.</summary>
internal sealed class AccountNames(AccountStore accounts, TimeProvider time) : IDisposable
{
    /// <summary>How many are remembered, a few MiB of them; where there are more, every name may be one.</summary>
    public const int Most = 20_000;

    private static readonly TimeSpan s_memory = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _turn = new(1);
    private volatile Names? _names;

    /// <summary>Whether an account may have the name. Whoever was made in the last half minute may seem to have none.</summary>
    public async ValueTask<bool> MayHaveAsync(string name, CancellationToken cancellationToken)
    {
        var names = Fresh() ?? await ReadAsync(cancellationToken);
        return names.All?.Contains(name) ?? true;
    }

    public void Dispose() => _turn.Dispose();

    private Names? Fresh() => _names is { } names && time.GetElapsedTime(names.Read) < s_memory ? names : null;

    // Once for all who wait for it.
    private async Task<Names> ReadAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (Fresh() is { } fresh) return fresh;
            var (read, all) = (time.GetTimestamp(), new HashSet<string>(StringComparer.Ordinal));
            await foreach (var name in accounts.ListNamesAsync(cancellationToken))
            {
                all.Add(name);
                if (all.Count > Most) break;
            }

            return _names = new Names(read, all.Count > Most ? null : all);
        }
        finally
        {
            _turn.Release();
        }
    }

    private sealed record Names(long Read, HashSet<string>? All);
}
