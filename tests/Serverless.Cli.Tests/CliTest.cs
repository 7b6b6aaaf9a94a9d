using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Testing;
using Serverless.Web.Auth.Passwords;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Cli.Tests;

/// <summary>How a command ended, and what it said.</summary>
public sealed record CliRun(int Code, string Out, string Error);

/// <summary>Runs the command tree on stores in memory.</summary>
public abstract class CliTest : IAsyncLifetime
{
    protected const string Password = "correct horse battery staple";

    protected CliTest()
    {
        Stores = (new InMemoryTableStore(Time), new InMemoryObjectStore(Time));
        Accounts = new AccountStore(Stores.Tables, Time);
        ScopeMaps = new ScopeMapStore(Stores.Tables, new Dictionary<string, Registry.Access.AccessRights>());
    }

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Watches the commands' calls; not those that tests make by <see cref="Accounts"/> and the other stores.</summary>
    protected StorageProbe Probe { get; } = new();

    protected (ITableStore Tables, IObjectStore Objects) Stores { get; }

    protected AccountStore Accounts { get; }

    protected ScopeMapStore ScopeMaps { get; }

    /// <summary>Stores of other registries, by the names of accounts, or connection strings.</summary>
    protected Dictionary<string, RegistryStores> Others { get; } = [];

    /// <summary>Settings of the environment.</summary>
    protected Dictionary<string, string?> Environment { get; } = [];

    /// <summary>Runs a command without input, as a script does.</summary>
    protected Task<CliRun> RunAsync(params string[] args) => RunWithInputAsync("", args);

    /// <summary>Runs a command with a standard input that is a file.</summary>
    protected Task<CliRun> RunWithInputAsync(string input, params string[] args) => RunAsync(input, keys: null, terminal: false, args);

    /// <summary>Runs a command where somebody reads what it says, and its data goes to a file.</summary>
    protected Task<CliRun> RunWatchedAsync(params string[] args) => RunAsync("", keys: null, terminal: false, args, isWatched: true);

    /// <summary>Runs a command on a terminal, where somebody types; a line break is the Enter key, <c>\b</c> Backspace.</summary>
    protected Task<CliRun> RunOnTerminalAsync(string typed, params string[] args) => RunAsync("", new Queue<char>(typed), terminal: true, args);

    protected async Task<Account> GetAsync(string name) => Assert.IsType<Account>(await Accounts.FindAsync(AccountName.Parse(name), CancellationToken.None));

    /// <summary>Whether somebody could sign in with a password, as the token service looks at it.</summary>
    protected async Task<bool> FitsAsync(string name, string password)
    {
        var account = await GetAsync(name);
        return account.IsRobot ? RobotPassword.IsOne(password) && RobotPassword.Fits(account, password) : PasswordHashes.Verify(account.PasswordHashes[0], password);
    }

    protected async Task AddUserAsync(string name, params string[] scopes) =>
        Assert.True(await Accounts.AddAsync(
            new Account { Name = AccountName.Parse(name), PasswordHashes = [PasswordHashes.Hash(Password), null], Scopes = scopes }, CancellationToken.None));

    /// <summary>Whether commands work over the API of a registry on the same stores, and cannot reach these otherwise.</summary>
    private protected virtual bool OverApi => false;

    /// <summary>The registry over whose API commands work, with the settings of the environment at the first command.</summary>
    private protected ApiServer? Server { get; private set; }

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        if (Server is not null) await Server.DisposeAsync();
    }

    private protected async Task<ApiServer> StartServerAsync() => Server ??= await ApiServer.StartAsync(WatchedStores(), Time, Environment);

    private async Task<CliRun> RunAsync(string input, Queue<char>? keys, bool terminal, string[] args, bool isWatched = false)
    {
        if (!OverApi) return await RunToolAsync(input, keys, terminal, args, isWatched);
        var server = await StartServerAsync();
        var run = await RunToolAsync(input, keys, terminal, ["--url", server.Url, "--as", ApiServer.Account, .. args], isWatched);
        return run with { Out = ApiServer.WithoutItsOwn(run.Out) };
    }

    private protected async Task<CliRun> RunToolAsync(string input, Queue<char>? keys, bool terminal, string[] args, bool isWatched = false)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var console = new CliConsole(new StringReader(input), output, error, terminal, terminal, () => Key(keys!.Dequeue()))
        {
            ErrorIsTerminal = isWatched,
            OpenIn = () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(input)),
        };
        var environment = new ConfigurationBuilder().AddInMemoryCollection(Environment).AddInMemoryCollection(Server?.Environment ?? []).Build();
        var app = new CliApp(console, environment, Time, (settings, _, _, _) => OverApi ? throw new InvalidOperationException("Storage was opened.") : Task.FromResult(Others.TryGetValue(settings.Storage.Account?.AccountName ?? settings.Storage.Account?.ConnectionString ?? settings.Storage.Path ?? "", out var other) ? other : WatchedStores()));
        var code = await app.RunAsync(args, CancellationToken.None);
        return new CliRun(code, output.ToString(), error.ToString());
    }

    private RegistryStores WatchedStores()
    {
        var (tables, objects) = Probe.Watch(Stores);
        return new RegistryStores(tables, objects);
    }

    private static ConsoleKeyInfo Key(char c)
    {
        var key = c switch { '\n' => ConsoleKey.Enter, '\b' => ConsoleKey.Backspace, _ => ConsoleKey.None };
        return new ConsoleKeyInfo(c, key, shift: false, alt: false, control: false);
    }
}
