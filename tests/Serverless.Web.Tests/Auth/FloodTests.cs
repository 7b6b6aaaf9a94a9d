using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Web.Auth.Passwords;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>A flood of sign-ins under invented names, and what it costs at storage.</summary>
public abstract class FloodTests(IStorageKind storage) : AuthTest(storage)
{
    [Fact]
    public async Task Invented_names_ask_storage_for_nothing_while_so_many_wait_that_they_are_turned_away()
    {
        await AddUserAsync("alice", "team/*:pull");
        BeginFlood();
        Registry.Probe.Reset();
        await ExpectAsync(GetTokenAsync("nobody", "", "wrong"), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
        // The names that there are, once.
        Assert.Equal(1, Registry.Probe.Counts.Table);
        Registry.Probe.Reset();
        for (var i = 0; i < 100; i++) await ExpectAsync(GetTokenAsync("nobody" + i, "", "wrong"), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
        Assert.Equal(0, Registry.Probe.Counts.Table + Registry.Probe.Counts.Object);
        await ExpectAsync(GetTokenAsync("alice", ""), HttpStatusCode.OK);
    }

    [Fact]
    public async Task Who_was_made_meanwhile_is_turned_away_for_half_a_minute_at_most_and_never_told_that_his_password_is_wrong()
    {
        BeginFlood();
        await ExpectAsync(GetTokenAsync("bob", ""), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
        await AddUserAsync("bob", "team/*:pull");
        using var turnedAway = await ExpectAsync(GetTokenAsync("bob", ""), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
        Assert.Equal("5", Header(turnedAway, "Retry-After"));
        Time.Advance(TimeSpan.FromSeconds(30));
        await ExpectAsync(GetTokenAsync("bob", ""), HttpStatusCode.OK);
    }

    // Strangers who wait until the one before them has rested, which is a minute: longer than a test.
    private void BeginFlood()
    {
        var lanes = Registry.Services.GetRequiredService<PasswordLanes>();
        using var rests = new ManualResetEventSlim();
        _ = lanes.TryRunAsync(PasswordStanding.Stranger, Check, default).ContinueWith(_ => rests.Set(), TaskScheduler.Default);
        rests.Wait();
        for (var i = 0; i < PasswordLanes.MaxStrangers; i++) _ = lanes.TryRunAsync(PasswordStanding.Stranger, Check, default);
        Assert.True(lanes.IsFlooded);

        bool Check()
        {
            Time.Advance(TimeSpan.FromSeconds(20));
            return false;
        }
    }
}

public sealed class FloodTestsInMemory(InMemoryStorage storage) : FloodTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class FloodTestsOnAzurite(AzuriteStorage storage) : FloodTests(storage);
