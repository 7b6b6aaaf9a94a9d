using System.Net;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>One host for all tests of a class that need no settings, behind a front end with an address of its own.</summary>
public sealed class SharedHost(PublishedFixture fixture) : IAsyncLifetime
{
    public const string FrontEnd = "192.0.2.7";

    internal FixtureHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await FixtureHost.StartAsync(fixture.Folder, [], o => o with { Peer = IPAddress.Parse(FrontEnd) });

    public async Task DisposeAsync() => await Host.DisposeAsync();
}
