using System.CommandLine;
using System.CommandLine.Invocation;
using Microsoft.Extensions.Configuration;
using Serverless.Cli.Commands;
using Serverless.Cli.Operating;
using Serverless.Cli.Operating.Api;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Web.Settings;

namespace Serverless.Cli;

/// <summary>The command tree, and what is common to all commands: they open the registry's stores by its settings, and say in one line why they fail.</summary>
/// <param name="console">Where they read and write.</param>
/// <param name="environment">The settings, those of the command line aside.</param>
/// <param name="time">The clock.</param>
/// <param name="openStores">Opens the stores.</param>
internal sealed class CliApp(CliConsole console, IConfiguration environment, TimeProvider time, OpenStores openStores)
{
    // From a signal to the end of the process: what is held in storage is given back meanwhile, for which ten seconds are given (AllClaims).
    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(15);

    private readonly Option<KeyValuePair<string, string?>[]> _settings = CommandInputs.Settings();
    private readonly ApiConnection _api = new();

    /// <summary>Runs one command.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> args, CancellationToken cancellationToken)
    {
        // An argument that begins with @ is what it is, not a file of arguments.
        var parsed = Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var invocation = new InvocationConfiguration { Output = console.Out, Error = console.Error, ProcessTerminationTimeout = s_end };
        if (parsed.Action is not ParseErrorAction) return await parsed.InvokeAsync(invocation, cancellationToken);
        foreach (var error in parsed.Errors) await console.SayAsync(error.Message);
        await console.SayAsync("The option --help shows how it is used.");
        return ExitCode.Usage;
    }

    /// <summary>Says what a command does, on storage or over the API of a running registry.</summary>
    public Command BindOperated(Command command, Func<OperatedRegistry, ParseResult, CancellationToken, Task<int>> run)
    {
        command.SetAction((parsed, cancellationToken) => GuardAsync(
            async () =>
            {
                if (_api.FindUrl(parsed, environment) is not { } url)
                {
                    using var context = await OpenAsync(parsed, cancellationToken);
                    return await run(context.Operated, parsed, cancellationToken);
                }

                var (registry, client) = await _api.OpenAsync(url, parsed, console, ConfigurationOf(parsed), time);
                using (registry) return await run(new OperatedRegistry(console, time, new ApiAccounts(client), new ApiScopeMaps(client), new ApiRepositories(client, console)) { Usage = new ApiUsage(client) }, parsed, cancellationToken);
            }, cancellationToken));
        return command;
    }

    /// <summary>Says what a command does that works on storage only.</summary>
    public Command Bind(Command command, Func<CliContext, ParseResult, CancellationToken, Task<int>> run)
    {
        command.SetAction((parsed, cancellationToken) => GuardAsync(
            async () =>
            {
                if (_api.FindUrl(parsed, environment) is not null) throw new CliException($"'{command.Name}' works on the registry's storage: leave --url out, and {ApiConnection.UrlVariable}.", ExitCode.Usage);
                using var context = await OpenAsync(parsed, cancellationToken);
                return await run(context, parsed, cancellationToken);
            }, cancellationToken));
        return command;
    }

    /// <summary>Says what a command does that needs no storage, and none of the settings.</summary>
    public Command Bind(Command command, Func<CliConsole, ParseResult, CancellationToken, Task<int>> run)
    {
        command.SetAction((parsed, cancellationToken) => GuardAsync(() => run(console, parsed, cancellationToken), cancellationToken));
        return command;
    }

    /// <summary>Opens other stores than the registry's.</summary>
    /// <param name="read">Makes of the environment the settings of a registry on them, and no others.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SettingsException">They cannot be used.</exception>
    public Task<RegistryStores> OpenStoresAsync(Func<IConfiguration, IReadOnlyDictionary<string, string?>> read, CancellationToken cancellationToken)
    {
        var reader = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(read(environment)).Build());
        var settings = RegistrySettings.Read(reader);
        if (reader.Unknown().ToList() is { Count: > 0 } unknown) throw new SettingsException([.. unknown.Select(key => $"The setting {SettingsReader.Root}:{key} is unknown.")]);
        return openStores(settings, console, time, cancellationToken);
    }

    private RootCommand Root()
    {
        var root = NewRoot();
        foreach (var option in _api.Options) root.Add(option);
        return root;
    }

    private RootCommand NewRoot() => new("The operator's tool of the registry. It works on the registry's storage and needs no running registry; with --url some commands work over the API of one.")
    {
        _settings,
        UserCommands.Create(this),
        RobotCommands.Create(this),
        ScopeCommands.Create(this),
        KeyCommands.Create(this),
        HtpasswdCommands.Create(this),
        TokenCommands.Create(this),
        CollectCommands.Collect(this),
        VerifyCommands.Verify(this),
        VerifyCommands.Retention(this),
        RepositoryCommands.Repositories(this),
        RepositoryCommands.Tags(this),
        RepositoryCommands.Undelete(this),
        CopyCommands.Copy(this),
        CopyCommands.Push(this),
        AdoptCommands.Adopt(this),
        DigestCommands.Digest(this),
        LockCommands.Lock(this),
        LockCommands.Unlock(this),
        LockCommands.List(this),
        QuotaCommands.Quota(this),
        QuotaCommands.Usage(this),
        EventCommands.Create(this),
        IdentityCommands.Create(this),
        FormatCommands.Create(this),
        BackupCommands.Backup(this),
        BackupCommands.List(this),
        BackupCommands.Restore(this),
        MoveCommands.Move(this),
    };

    private async Task<CliContext> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var reader = new SettingsReader(ConfigurationOf(parsed));
        var settings = RegistrySettings.Read(reader);
        foreach (var key in reader.Unknown()) await console.WarnAsync($"The setting {SettingsReader.Root}:{key} is unknown and has no effect.");
        return new CliContext(console, settings, await openStores(settings, console, time, cancellationToken), time);
    }

    private IConfiguration ConfigurationOf(ParseResult parsed) => new ConfigurationBuilder().AddConfiguration(environment).AddInMemoryCollection(parsed.GetValue(_settings) ?? []).Build();

    // Whatever is caught here can happen without a bug. Everything else is one, and keeps its stack trace.
    private async Task<int> GuardAsync(Func<Task<int>> run, CancellationToken cancellationToken)
    {
        try
        {
            return await run();
        }
        catch (CliException e)
        {
            await console.SayAsync(e.Message);
            return e.Code;
        }
        catch (RegistryException e)
        {
            await console.SayAsync(e.Message);
            return ExitCode.Refused;
        }
        catch (SettingsException e)
        {
            await console.SayAsync("The settings cannot be used:");
            foreach (var problem in e.Problems) await console.SayAsync("  - " + problem);
            return ExitCode.Usage;
        }
        catch (StorageUnavailableException e)
        {
            await console.SayAsync(e.Message);
            return ExitCode.Refused;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await console.SayAsync("Stopped. What was already written stays.");
            return ExitCode.Interrupted;
        }
    }
}
