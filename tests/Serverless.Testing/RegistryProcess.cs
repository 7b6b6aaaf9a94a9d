using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Serverless.Testing;

/// <summary>The executable in a process of its own, as people start it.</summary>
public sealed class RegistryProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private RegistryProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>What it has printed so far, errors included.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    public static RegistryProcess Start(IEnumerable<string> args, params (string Name, string Value)[] environment) => StartIn(null, args, environment);

    /// <summary>Starts it in a working directory; null: this process's.</summary>
    public static RegistryProcess StartIn(string? folder, IEnumerable<string> args, params (string Name, string Value)[] environment)
    {
        var start = ServerExecutable.Start(args);
        start.WorkingDirectory = folder ?? "";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var registry = new RegistryProcess(Process.Start(start)!);
        registry._process.OutputDataReceived += (_, line) => registry.Keep(line.Data);
        registry._process.ErrorDataReceived += (_, line) => registry.Keep(line.Data);
        registry._process.BeginOutputReadLine();
        registry._process.BeginErrorReadLine();
        return registry;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Polls the root until it answers.</summary>
    public async Task WaitUntilReadyAsync(HttpClient client)
    {
        for (var attempt = 0; attempt < 600 && !_process.HasExited; attempt++)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri("/", UriKind.Relative));
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50);
            }
        }

        throw new InvalidOperationException($"The registry did not start: {Output}");
    }

    public async Task<int> WaitForExitAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    /// <summary>Asks the process to end, as a service manager does, and waits until it has.</summary>
    public async Task<int> TerminateAsync()
    {
        await SignalAsync();
        return await WaitForExitAsync();
    }

    /// <summary>Ends the process without asking it.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks the process to end.</summary>
    public async Task SignalAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_output) _output.AppendLine(line);
    }
}
