using Xunit;

namespace Serverless.Testing.Rules;

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
    private readonly Dictionary<string, RegistryClient> _registries = [];
    private int _repositories;

    public virtual async Task InitializeAsync()
    {
        foreach (var changes in (bool[])[false, true])
        {
            var registry = await FindAsync(changes, []);
            await RuleAccount.AddAsync(registry.Stores.Tables);
            await KnownContent.PushAsync(registry, "app");
            var (bare, named) = (await registry.PrepareImageAsync("bare"), await registry.PrepareImageAsync("base"));
            using var untagged = await registry.PutManifestAsync("bare", bare.Digest.ToString(), bare);
            using var tagged = await registry.PutManifestAsync("base", "v1", named);
            await registry.PushBlobAsync("base", "of the base"u8.ToArray());
        }
    }

    public virtual async Task DisposeAsync()
    {
        foreach (var registry in _registries.Values) await registry.DisposeAsync();
    }

    /// <summary>A registry with the settings of a rule, and the words for what the rule is about.</summary>
    public async Task<(RegistryClient Registry, RuleWords Words)> FindAsync(Rule rule)
    {
        // What a rule needs is made by a registry without its settings, which might forbid it.
        var (registry, plain) = (await FindAsync(rule.Changes, rule.Under), await FindAsync(rule.Changes, []));
        if (!rule.Changes) return (registry, new RuleWords(plain, registry, "app"));
        var repository = $"own-{++_repositories}";
        await KnownContent.PushAsync(plain, repository);
        return (registry, new RuleWords(plain, registry, repository));
    }

    /// <summary>Starts a registry.</summary>
    /// <param name="changes">On which of the two stores.</param>
    /// <param name="settings">Below <c>Registry:</c>, as <c>Key=value</c>.</param>
    protected abstract Task<RegistryClient> StartAsync(bool changes, string[] settings);

    private async Task<RegistryClient> FindAsync(bool changes, string[] settings)
    {
        var key = $"{changes} {string.Join(' ', settings)}";
        if (!_registries.TryGetValue(key, out var registry)) _registries[key] = registry = await StartAsync(changes, settings);
        return registry;
    }
}
