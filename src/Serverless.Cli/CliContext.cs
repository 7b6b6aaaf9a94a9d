using Serverless.Registry;
using Serverless.Registry.Accounts;
using Serverless.Web.Settings;

namespace Serverless.Cli;

/// <summary>What a command works with.</summary>
internal sealed class CliContext(CliConsole console, RegistrySettings settings, RegistryStores stores, TimeProvider time) : IDisposable
{
    // Nobody else uses this process, and one large layer alone is to be as fast as storage.
    private const int BlocksInFlight = 8;

    public CliConsole Console { get; } = console;

    public RegistrySettings Settings { get; } = settings;

    public TimeProvider Time { get; } = time;

    public ContainerRegistry Registry { get; } = new(stores.Tables, stores.Objects, settings.Registry with { BlocksInFlight = BlocksInFlight }, time);

    public AccountStore Accounts { get; } = new(stores.Tables, time);

    public ScopeMapStore ScopeMaps { get; } = new(stores.Tables, settings.Auth.ScopeMaps);

    public ISigningKeys SigningKeys { get; } = SigningKeySource.Open(settings, stores.Tables, time);

    public RefreshTokenStore RefreshTokens { get; } = new(stores.Tables, time);

    public void Dispose() => stores.Dispose();

    /// <summary>Warns of scope maps that are not there. They may come later, so it is no mistake to name them.</summary>
    public async Task WarnOfMissingScopesAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        if (names.Count == 0) return;
        var maps = await ScopeMaps.ListAsync(cancellationToken);
        foreach (var name in names.Where(n => !maps.ContainsKey(n))) await Console.WarnAsync($"There is no scope map '{name}'. It gives nothing until it is set.");
    }
}
