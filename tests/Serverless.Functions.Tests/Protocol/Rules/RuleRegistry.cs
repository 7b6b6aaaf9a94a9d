using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.Functions.Tests.Protocol.Rules;

/// <summary>
/// The registries that the rules are tried on: one for all rules that change nothing, so that they find it as it was made, and one for the others, each of
/// which works in a repository of its own.
/// </summary>
/// <remarks>
/// <code>
/// app    all of <see cref="KnownContent"/>
/// bare   an image without a tag
/// base   a blob that the others do not have, and an image
/// </code>
/// </remarks>
public abstract class RuleRegistry : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new(startNow: true);
    private readonly Dictionary<string, RegistryServer> _servers = [];
    private (ITableStore Tables, IObjectStore Objects) _unchanged;
    private (ITableStore Tables, IObjectStore Objects) _changed;
    private int _repositories;

    public virtual async Task InitializeAsync()
    {
        (_unchanged, _changed) = (NewStores(_time), NewStores(_time));
        foreach (var stores in (IEnumerable<(ITableStore, IObjectStore)>)[_unchanged, _changed])
        {
            await using var registry = await RegistryServer.StartAsync(stores, _time);
            await KnownContent.PushAsync(registry, "app");
            var (bare, named) = (await registry.PrepareImageAsync("bare"), await registry.PrepareImageAsync("base"));
            using var untagged = await registry.PutManifestAsync("bare", bare.Digest.ToString(), bare);
            using var tagged = await registry.PutManifestAsync("base", "v1", named);
            await registry.PushBlobAsync("base", "of the base"u8.ToArray());
        }
    }

    public virtual async Task DisposeAsync()
    {
        foreach (var server in _servers.Values) await server.DisposeAsync();
    }

    /// <summary>A registry with the settings of a rule, and the words for what the rule is about.</summary>
    public async Task<(RegistryServer Registry, RuleWords Words)> FindAsync(Rule rule)
    {
        // What a rule needs is made by a registry without its settings, which might forbid it.
        var (registry, plain) = (await StartAsync(rule, rule.Under), await StartAsync(rule, []));
        if (!rule.Changes) return (registry, new RuleWords(plain, "app"));
        var repository = $"own-{++_repositories}";
        await KnownContent.PushAsync(plain, repository);
        return (registry, new RuleWords(plain, repository));
    }

    protected abstract (ITableStore Tables, IObjectStore Objects) NewStores(TimeProvider time);

    private async Task<RegistryServer> StartAsync(Rule rule, string[] settings)
    {
        var key = $"{rule.Changes} {string.Join(' ', settings)}";
        if (!_servers.TryGetValue(key, out var registry))
        {
            _servers[key] = registry = await RegistryServer.StartAsync(rule.Changes ? _changed : _unchanged, _time, settings);
        }

        return registry;
    }
}

public sealed class RuleRegistryInMemory : RuleRegistry
{
    private readonly InMemoryStorage _storage = new();

    public override async Task InitializeAsync()
    {
        await _storage.InitializeAsync();
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _storage.DisposeAsync();
    }

    protected override (ITableStore Tables, IObjectStore Objects) NewStores(TimeProvider time) => _storage.NewStores(time);
}

public sealed class RuleRegistryOnAzurite(AzuriteStorage storage) : RuleRegistry
{
    protected override (ITableStore Tables, IObjectStore Objects) NewStores(TimeProvider time) => storage.NewStores(time);
}
