using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Serverless.FunctionsHost;

/// <summary>A process of the custom handler.</summary>
internal sealed class Worker : IAsyncDisposable
{
    private const int KeptLines = 50;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(25);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lastLines = new();

    private Worker(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>With what it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>The last lines that it printed.</summary>
    public string LastLines => string.Join('\n', _lastLines);

    /// <exception cref="HostRefusesException">The executable cannot be started.</exception>
    public static Worker Start(FunctionsHostOptions options, HostFile host, int port)
    {
        if (!File.Exists(host.Executable)) throw new HostRefusesException($"There is no {host.Executable}.");
        if (!File.GetUnixFileMode(host.Executable).HasFlag(UnixFileMode.UserExecute)) throw new HostRefusesException($"{host.Executable} may not be executed.");
        var start = new ProcessStartInfo(host.Executable, host.Arguments) { WorkingDirectory = options.AppRoot, RedirectStandardOutput = true, RedirectStandardError = true };
        // Nothing of the environment in which the tests run.
        start.Environment.Clear();
        foreach (var name in (string[])["PATH", "HOME", "TMPDIR", "LANG"])
        {
            if (Environment.GetEnvironmentVariable(name) is { } value) start.Environment[name] = value;
        }

        foreach (var (name, value) in options.AppSettings) start.Environment[name] = value;
        var portText = port.ToString(CultureInfo.InvariantCulture);
        var workerId = Guid.NewGuid().ToString();
        start.Environment["FUNCTIONS_EXTENSION_VERSION"] = "~4";
        start.Environment["WEBSITE_HOSTNAME"] = new Uri(options.Url).Authority;
        start.Environment["FUNCTIONS_HTTPWORKER_PORT"] = start.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = portText;
        start.Environment["FUNCTIONS_HTTPWORKER_ID"] = start.Environment["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"] = workerId;
        start.Environment["FUNCTIONS_APP_ROOT_PATH"] = options.AppRoot;
        var process = Process.Start(start)!;
        var worker = new Worker(process);
        process.OutputDataReceived += (_, line) => worker.Keep(line.Data, options.WorkerOutput);
        process.ErrorDataReceived += (_, line) => worker.Keep(line.Data, options.WorkerOutput);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return worker;
    }

    /// <summary>Ends when the process has ended.</summary>
    public Task WaitForExitAsync() => _process.WaitForExitAsync();

    /// <summary>Polls the root until anything is answered.</summary>
    /// <returns>False when the process ended instead.</returns>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public async Task<bool> WaitUntilReadyAsync(Uri address, TimeSpan timeout)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        var begin = Stopwatch.GetTimestamp();
        while (!_process.HasExited)
        {
            try
            {
                using var answer = await client.GetAsync(address);
                return true;
            }
            catch (HttpRequestException) when (Stopwatch.GetElapsedTime(begin) < timeout)
            {
                await Task.Delay(s_poll);
            }
            catch (HttpRequestException e)
            {
                throw new TimeoutException($"The worker did not answer within {timeout}: {LastLines}", e);
            }
        }

        return false;
    }

    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Keep(string? line, Action<string>? output)
    {
        if (line is null) return;
        _lastLines.Enqueue(line);
        while (_lastLines.Count > KeptLines) _lastLines.TryDequeue(out _);
        output?.Invoke(line);
    }
}
