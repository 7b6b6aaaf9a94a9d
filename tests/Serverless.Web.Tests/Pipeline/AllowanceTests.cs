using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Serverless.Web.Pipeline;
using Xunit;

namespace Serverless.Web.Tests.Pipeline;

/// <summary>So much a minute for each, at a bounded cost in memory.</summary>
public sealed class AllowanceTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void It_comes_back_steadily_and_not_beyond_a_minute_s()
    {
        var allowance = new Allowance(60, _time);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(60, TakeAll(allowance));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(10, TakeAll(allowance));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(60, TakeAll(allowance));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000_000)]
    [InlineData(long.MaxValue)]
    public void Whoever_waits_as_long_as_he_is_told_has_something_left(long limit)
    {
        var allowance = new Allowance(limit, _time);
        allowance.Take("a", limit);
        Assert.False(allowance.TryTake("a", 1, out var wait));
        _time.Advance(wait - TimeSpan.FromTicks(1));
        Assert.False(allowance.TryTake("a", 1, out _));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.True(allowance.TryTake("a", 1, out _));
    }

    [Fact]
    public void Nobody_has_to_wait_longer_than_a_day()
    {
        var allowance = new Allowance(1, _time);
        allowance.Take("a", long.MaxValue);
        Assert.False(allowance.TryTake("a", 1, out var wait));
        Assert.InRange(wait, TimeSpan.FromHours(23), TimeSpan.FromDays(1));
    }

    [Fact]
    public void Of_very_many_those_are_forgotten_who_owe_least()
    {
        var allowance = new Allowance(10, _time);
        allowance.Take("debtor", 1000);
        for (var i = 0; i < 500_000; i++) allowance.Take(i.ToString(CultureInfo.InvariantCulture), 1);
        Assert.InRange(allowance.Count, 1, 65_536);
        Assert.False(allowance.TryTake("debtor", 1, out _));
    }

    private static int TakeAll(Allowance allowance)
    {
        var taken = 0;
        while (allowance.TryTake("a", 1, out _)) taken++;
        return taken;
    }
}
