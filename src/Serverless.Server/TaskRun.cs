using Serverless.Registry.Storage;
using Serverless.Web.Maintenance;
using Serverless.Web.Settings;

namespace Serverless.Server;

/// <summary>
/// <c>--run-task NAME</c>: one task, once and to its end, in a process that listens to nobody. It is what a scheduled job of a container platform starts, so that the
/// servers beside it may all be asleep.
/// </summary>
internal static partial class TaskRun
{
    // All that are due.
    private const string Maintenance = "Maintenance";

    /// <summary>What the command line asks for; null when it is a server.</summary>
    public static string? NameIn(string[] args) => new ConfigurationBuilder().AddCommandLine(args).Build()["run-task"];

    /// <summary>Runs it.</summary>
    /// <returns>The exit code: 0 when it has come to its end or another instance is at it, else 1.</returns>
    /// <exception cref="SettingsException">There is no such task, or the settings cannot be worked with.</exception>
    public static async Task<int> RunAsync(string name, string[] args)
    {
        string[] names = [.. MaintenanceSettings.TaskNames, Maintenance];
        var task = Array.Find(names, n => n.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new SettingsException([$"--run-task is '{name}', but must be one of {string.Join(", ", names)}."]);
        using var host = ServerApp.CreateDeaf(args);
        await host.StartAsync();
        var failed = await FailsAsync(task, host.Services);
        await host.StopAsync();
        return failed ? 1 : 0;
    }

    private static async Task<bool> FailsAsync(string task, IServiceProvider services)
    {
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var runner = services.GetRequiredService<MaintenanceRunner>();
        try
        {
            var outcome = await (task == Maintenance ? runner.RunAsync(stopping) : runner.RunTaskAsync(task, stopping));
            foreach (var line in outcome.Lines) await Console.Out.WriteLineAsync(line.AsMemory(), CancellationToken.None);
            return outcome.Failed;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return true;
        }
        catch (StorageUnavailableException e)
        {
            LogUnavailable(services.GetRequiredService<ILogger<MaintenanceRunner>>(), e, task);
            return true;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Task} was not run: storage is not available")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, string task);
}
