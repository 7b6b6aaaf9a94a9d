using Microsoft.Extensions.Time.Testing;
using Serverless.Web.Auth.Passwords;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Who is served first when many sign in at once. Checks are held by hand, and counted.</summary>
public sealed class PasswordLanesTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly PasswordLanes _lanes;
    private readonly List<string> _served = [];
    private readonly ManualResetEventSlim _hold = new();

    public PasswordLanesTests() => _lanes = new PasswordLanes(_time, processors: 2);

    [Fact]
    public async Task A_flood_of_strangers_leaves_the_proven_alone_and_lets_the_known_go_before_all_but_one_of_them()
    {
        var first = HoldAsync(PasswordStanding.Stranger);
        var strangers = Enumerable.Range(0, 500).Select(i => RunAsync(PasswordStanding.Stranger, $"stranger {i}")).ToList();
        var known = (Task<bool?>[])[RunAsync(PasswordStanding.Known, "alice"), RunAsync(PasswordStanding.Known, "bob")];
        Assert.Equal(500 - PasswordLanes.MaxStrangers, strangers.Count(s => s.IsCompleted));
        Assert.All(strangers.Where(s => s.IsCompleted), s => Assert.Null(s.Result));

        // Whoever signed in lately is served while the others' only turn is taken.
        Assert.True(await RunAsync(PasswordStanding.Proven, "carol"));
        Assert.False(known[0].IsCompleted || known[1].IsCompleted);

        _hold.Set();
        await Task.WhenAll([first, .. known, .. strangers]);
        Assert.Equal(["carol", "alice", "bob"], _served.Where(s => !s.StartsWith("stranger", StringComparison.Ordinal)));
        // Before the last of the known at most one stranger who was in line already, and one who came into it meanwhile.
        Assert.InRange(_served.IndexOf("bob"), 2, 4);
        Assert.Equal(PasswordLanes.MaxStrangers + 3, _served.Count);
    }

    [Fact]
    public async Task After_a_stranger_comes_a_rest_for_strangers_only()
    {
        await _lanes.TryRunAsync(PasswordStanding.Stranger, () => Take(TimeSpan.FromMilliseconds(60)), default);
        var next = RunAsync(PasswordStanding.Stranger, "stranger");
        Assert.True(await RunAsync(PasswordStanding.Known, "alice"));
        _time.Advance(TimeSpan.FromMilliseconds(179));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await next);
    }

    [Fact]
    public async Task The_known_who_wait_are_bounded_too_and_one_who_gives_up_leaves_the_line()
    {
        var first = HoldAsync(PasswordStanding.Known);
        using var gone = new CancellationTokenSource();
        var givesUp = _lanes.TryRunAsync(PasswordStanding.Known, () => true, gone.Token);
        var waiting = Enumerable.Range(1, PasswordLanes.MaxWaiting - 1).Select(i => RunAsync(PasswordStanding.Known, $"{i}")).ToList();
        Assert.Null(await RunAsync(PasswordStanding.Known, "too many"));
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givesUp);
        waiting.Add(RunAsync(PasswordStanding.Known, "in time"));
        _hold.Set();
        await Task.WhenAll([first, .. waiting]);
        Assert.Equal("in time", _served[^1]);
    }

    [Fact]
    public async Task A_check_that_fails_by_an_exception_gives_its_turn_back()
    {
        foreach (var standing in Enum.GetValues<PasswordStanding>())
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => _lanes.TryRunAsync(standing, () => throw new InvalidOperationException(), default));
            Assert.True(await RunAsync(standing, "next"));
        }
    }

    public void Dispose()
    {
        _lanes.Dispose();
        _hold.Dispose();
    }

    private Task<bool?> RunAsync(PasswordStanding standing, string name) => _lanes.TryRunAsync(
        standing,
        () =>
        {
            lock (_served) _served.Add(name);
            return true;
        },
        default);

    // Takes a turn, and has it when this returns.
    private Task<bool?> HoldAsync(PasswordStanding standing)
    {
        using var begun = new ManualResetEventSlim();
        var held = Task.Run(() => _lanes.TryRunAsync(standing, () => Hold(begun), default));
        begun.Wait();
        return held;
    }

    private bool Hold(ManualResetEventSlim begun)
    {
        begun.Set();
        _hold.Wait();
        return true;
    }

    private bool Take(TimeSpan time)
    {
        _time.Advance(time);
        return false;
    }
}
