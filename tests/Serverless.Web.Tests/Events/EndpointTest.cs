using Azure.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Registry.Delivery;
using Serverless.Registry.Health;
using Serverless.Testing;
using Serverless.Web.Events;
using Serverless.Web.Outbound;
using Serverless.Web.Settings;
using Serverless.Web.Tests.Outbound;
using Xunit;

namespace Serverless.Web.Tests.Events;

/// <summary>A test of an endpoint that is made from settings, as the registry makes it, and whose requests end at a receiver.</summary>
public abstract class EndpointTest : IAsyncLifetime
{
    private protected const string Host = "hooks.example";

    private protected EventReceiver Receiver { get; private set; } = null!;

    private protected FakeNetwork Network { get; private set; } = null!;

    private protected ManualTimeProvider Time { get; } = new();

    public async Task InitializeAsync()
    {
        Receiver = await EventReceiver.StartAsync();
        Network = new FakeNetwork(Receiver.Address).Name(Host, "93.184.216.34").Name("other.example", "93.184.216.35");
    }

    public async Task DisposeAsync() => await Receiver.DisposeAsync();

    /// <summary>The one endpoint of these settings, each <c>KEY=VALUE</c> below the endpoint's own. Hosts of these tests may be asked over http.</summary>
    private protected IEventEndpoint New(string[] settings, string allow = Host + " other.example", TokenCredential? credential = null)
    {
        var values = new Dictionary<string, string?> { ["Registry:Events:ci:Url"] = $"http://{Host}/events?key=s3cret-query" };
        foreach (var (host, i) in allow.Split(' ').Select((h, i) => (h, i))) values[$"Registry:Outbound:Allow:{i}"] = host;
        foreach (var setting in settings.Select(s => s.Split('=', 2))) values["Registry:Events:ci:" + setting[0]] = setting[1];
        var reader = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        var outbound = OutboundSettings.Read(reader);
        var events = EventSettings.Read(reader, null, outbound);
        Assert.Empty(reader.Problems);
        var services = new ServiceCollection().AddSingleton<TimeProvider>(Time).AddSingleton(Network.Network).AddOutbound(outbound);
        if (credential is not null) services.AddSingleton(new EventGridCredentials(_ => credential));
        return services.AddEventEndpoints(events, new HealthOptions()).BuildServiceProvider().GetServices<IEventEndpoint>().Single();
    }
}
