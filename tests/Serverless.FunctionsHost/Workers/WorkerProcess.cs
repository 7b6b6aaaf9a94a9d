using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Serverless.FunctionsHost.App;

namespace Serverless.FunctionsHost.Workers;

/// <summary>The process of a worker, and what it prints.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private const int KeptLines = 50;
    private const string MaxMessageLength = "2147483647";

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lastLines;

    private WorkerProcess(Process process, ConcurrentQueue<string> lastLines)
    {
        (_process, _lastLines, Id) = (process, lastLines, process.Id);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Exit = process.WaitForExitAsync();
    }

    public int Id { get; }

    /// <summary>Ends when the process has ended and all that it printed is read.</summary>
    public Task Exit { get; }

    // In this order: a process is disposed of only after its exit.
    public bool HasExited => Exit.IsCompleted || _process.HasExited;

    /// <summary>With what it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>The last lines that it printed.</summary>
    public string LastLines => string.Join('\n', _lastLines);

    /// <param name="app">What to run.</param>
    /// <param name="options">The app settings, which are its environment.</param>
    /// <param name="workerId">The name by which it shall call the host.</param>
    /// <param name="endpoint">Where it shall call the host.</param>
    /// <exception cref="HostRefusesException">The executable cannot be started.</exception>
    public static WorkerProcess Start(PublishedFolder app, FunctionsHostOptions options, string workerId, Uri endpoint)
    {
        var start = new ProcessStartInfo(app.Worker.Executable, Arguments(app, workerId, endpoint)) { WorkingDirectory = app.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        SetEnvironment(start.Environment, app, options);
        var process = new Process { StartInfo = start };
        var lines = new ConcurrentQueue<string>();
        process.OutputDataReceived += (_, line) => Keep(line.Data, lines, options.WorkerOutput);
        process.ErrorDataReceived += (_, line) => Keep(line.Data, lines, options.WorkerOutput);
        try
        {
            process.Start();
            return new WorkerProcess(process, lines);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            process.Dispose();
            throw new HostRefusesException($"{app.Worker.Executable} cannot be started: {e.Message}");
        }
    }

    /// <summary>Whether the process ends by itself within that time.</summary>
    public async Task<bool> EndsWithinAsync(TimeSpan time)
    {
        try
        {
            await Exit.WaitAsync(time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A worker whose host is gone lives on.
        if (!HasExited) _process.Kill(entireProcessTree: true);
        await Exit;
        _process.Dispose();
    }

    // The host passes everything twice: the older names are those of all languages, the newer ones are what tells .NET's configuration that a host has started it.
    private static string[] Arguments(PublishedFolder app, string workerId, Uri endpoint)
    {
        var requestId = Guid.NewGuid().ToString();
        return
        [
            app.Worker.WorkerPath,
            "--host", endpoint.Host, "--port", endpoint.Port.ToString(CultureInfo.InvariantCulture),
            "--workerId", workerId, "--requestId", requestId, "--grpcMaxMessageLength", MaxMessageLength,
            "--functions-uri", endpoint.AbsoluteUri, "--functions-worker-id", workerId, "--functions-request-id", requestId, "--functions-grpc-max-message-length", MaxMessageLength,
        ];
    }

    private static void SetEnvironment(IDictionary<string, string?> environment, PublishedFolder app, FunctionsHostOptions options)
    {
        // Nothing of the environment in which the tests run.
        environment.Clear();
        foreach (var name in (string[])["PATH", "HOME", "TMPDIR", "LANG", "DOTNET_ROOT"])
        {
            if (Environment.GetEnvironmentVariable(name) is { } value) environment[name] = value;
        }

        foreach (var (name, value) in options.AppSettings) environment[name] = value;
        environment["FUNCTIONS_EXTENSION_VERSION"] = "~4";
        environment["FUNCTIONS_WORKER_RUNTIME"] = "dotnet-isolated";
        environment["FUNCTIONS_APPLICATION_DIRECTORY"] = app.Root;
        environment["FUNCTIONS_WORKER_DIRECTORY"] = app.Root;
        environment["WEBSITE_HOSTNAME"] = new Uri(options.Url).Authority;
    }

    private static void Keep(string? line, ConcurrentQueue<string> lastLines, Action<string>? output)
    {
        if (line is null) return;
        lastLines.Enqueue(line);
        while (lastLines.Count > KeptLines) lastLines.TryDequeue(out _);
        output?.Invoke(line);
    }
}
