namespace Serverless.Web.Pipeline;

/// <summary>
/// So much of something a minute for each of many. It comes back steadily, and what was not used of it is kept for a minute. What has been given may be more than was left, for nobody can
/// be given half a layer: who has had it then waits until it is paid off.
/// </summary>
/// <param name="limit">How much in a minute; 0 for any amount.</param>
/// <param name="time">The clock.</param>
internal sealed class Allowance(long limit, TimeProvider time)
{
    // Some 10 MiB. Beyond it those are forgotten who owe least.
    private const int MostDebtors = 65_536;

    // A day is enough to wait for anybody.
    private const double MostMinutes = 24 * 60;

    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly long _began = time.GetTimestamp();

    // When each will have all of his allowance again, on a clock that begins with this process.
    private readonly Dictionary<string, TimeSpan> _whole = new(StringComparer.Ordinal);

    /// <summary>Takes from somebody's allowance if that much is left of it.</summary>
    /// <param name="who">Whose allowance it is.</param>
    /// <param name="amount">How much, at most what there is in a minute.</param>
    /// <param name="wait">How long it takes until that much is left; zero if it is.</param>
    /// <returns>Whether it was taken.</returns>
    public bool TryTake(string who, long amount, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (limit == 0) return true;
        lock (_lock)
        {
            var debt = _whole.GetValueOrDefault(who) - Now + Price(amount);
            if (debt > s_window) wait = debt - s_window;
            else Owe(who, amount);
            return wait == TimeSpan.Zero;
        }
    }

    /// <summary>Takes what has been given already, whether or not anything was left.</summary>
    public void Take(string who, long amount)
    {
        if (limit == 0 || amount <= 0) return;
        lock (_lock) Owe(who, amount);
    }

    /// <summary>How many are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _whole.Count;
        }
    }

    private TimeSpan Now => time.GetElapsedTime(_began);

    private void Owe(string who, long amount)
    {
        var now = Now;
        if (_whole.Count >= MostDebtors && !_whole.ContainsKey(who)) Forget(now);
        var whole = _whole.GetValueOrDefault(who);
        _whole[who] = (whole > now ? whole : now) + Price(amount);
    }

    // How long it takes until so much has come back.
    private TimeSpan Price(long amount) => TimeSpan.FromTicks(Math.Max(1, (long)(s_window.Ticks * Math.Min((double)amount / limit, MostMinutes))));

    private void Forget(TimeSpan now)
    {
        // At least half of them go, so that this comes seldom.
        var least = _whole.Values.Order().ElementAt(_whole.Count / 2);
        if (least < now) least = now;
        foreach (var (who, whole) in _whole)
        {
            if (whole <= least) _whole.Remove(who);
        }
    }
}
