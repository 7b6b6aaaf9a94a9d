using Serverless.AzureStorage;
using Serverless.Testing;
using Serverless.Testing.Rules;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>The protocol suite, through the host.</summary>
[Collection(HostedCollection.Name)]
public sealed class HostedRuleTests(HostedRuleRegistry registries) : RuleTests(registries), IClassFixture<HostedRuleRegistry>
{
    // What fits no function is answered by the host: its empty page, and 404 without a body. Its server has the framework's own limits: 8 KiB of a request line, and headers in UTF-8.
    private static readonly Dictionary<string, int> s_answeredByHost = new()
    {
        ["GET of the root is ready and says nothing"] = 204,
        ["HEAD of the root is ready"] = 204,
        ["The root may have a query"] = 204,
        ["The root takes no POST"] = 204,
        ["The root stays ready whatever the prefix"] = 204,
        ["Version 1 is not there"] = 404,
        ["TRACE is unsupported"] = 404,
        ["A method that nobody knows is unsupported"] = 404,
        ["Beside the prefix nothing is there"] = 404,
        ["A token may be asked for with 1000 scopes"] = 414,
        ["A token with 1001 scopes is refused"] = 414,
        ["A header in Latin-1 does no harm"] = 400,
    };

    protected override int? AnsweredBefore(Rule rule) => s_answeredByHost.TryGetValue(rule.Sentence, out var status) ? status : null;
}

/// <summary>The rules' registries in the host, on Azurite.</summary>
public sealed class HostedRuleRegistry(HostedFixture fixture) : RuleRegistry
{
    private readonly Dictionary<bool, AzureStorageOptions> _storage = [];

    protected override async Task<RegistryClient> StartAsync(bool changes, string[] settings)
    {
        if (!_storage.TryGetValue(changes, out var storage)) _storage[changes] = storage = fixture.Azurite.NewOptions();
        var environment = settings.Select(s => s.Split('=', 2)).ToDictionary(s => "Registry__" + s[0].Replace(":", "__", StringComparison.Ordinal), s => s[1]);
        // Where the registry has a prefix, so have the host's routes.
        var folder = environment.TryGetValue("Registry__Prefix", out var prefix) ? fixture.App.WithPrefix(prefix.Trim('/')) : fixture.App.Folder;
        return await HostedRegistry.StartAsync(folder, storage, environment);
    }
}
