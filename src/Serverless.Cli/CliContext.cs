using Serverless.Cli.Operating;
using Serverless.Cli.Operating.Stored;
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

    /// <summary>The same registry, for commands that work over the API too.</summary>
    public OperatedRegistry Operated => new(
        Console, Time, new StoredAccounts(Accounts, Time), new StoredScopeMaps(ScopeMaps, Settings.Auth.ScopeMaps), new StoredRepositories(Registry))
    { Usage = new StoredUsage(Registry) };

    public void Dispose() => stores.Dispose();
}
