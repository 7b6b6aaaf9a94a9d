using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage.InMemory;
using Xunit;

namespace Serverless.Registry.Tests.Scheduling;

/// <summary>Instances with clocks of their own around one storage.</summary>
public abstract class TaskClaimTest
{
    private protected const string Name = "sweep";
    private protected static readonly TimeSpan Limit = TimeSpan.FromMinutes(25);
    private protected static readonly TimeSpan Interval = TimeSpan.FromHours(3);

    private readonly List<FakeTimeProvider> _clocks = [];

    protected TaskClaimTest()
    {
        Tables = new InMemoryTableStore(NewClock(TimeSpan.Zero));
        Claims = NewInstance();
    }

    private protected InMemoryTableStore Tables { get; }

    private protected TaskClaims Claims { get; }

    /// <summary>A clock that differs from storage's.</summary>
    private protected FakeTimeProvider NewClock(TimeSpan ahead)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) + ahead);
        _clocks.Add(clock);
        return clock;
    }

    private protected TaskClaims NewInstance(TimeSpan ahead = default) => new(Tables, NewClock(ahead));

    /// <summary>Lets time pass everywhere.</summary>
    private protected void Wait(TimeSpan time) => _clocks.ForEach(c => c.Advance(time));

    private protected async Task<TaskClaim> ClaimAsync(TaskClaims? claims = null)
    {
        var claim = await (claims ?? Claims).TryClaimAsync(Name, Interval, Limit, default);
        Assert.NotNull(claim);
        return claim;
    }

    private protected async Task<TaskState> StateAsync()
    {
        var state = (await Claims.LookAsync(default)).Find(Name);
        Assert.NotNull(state);
        return state;
    }
}
