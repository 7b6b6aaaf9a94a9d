using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Serverless.AzureStorage.Development;

/// <summary>
/// Azurite, the storage emulator, as a child process by way of npx. It listens on 127.0.0.1 only. Disposing it asks it to stop, so that it saves what it
/// holds, and ends it if it does not.
/// </summary>
public sealed partial class AzuriteProcess : IAsyncDisposable
{
    /// <summary>The version that the registry is tested with.</summary>
    public const string Version = "3.37.0";

    /// <summary>The port of the Blob service in a connection string that says <c>UseDevelopmentStorage=true</c>.</summary>
    public const int DefaultBlobPort = 10000;

    /// <summary>The port of the Queue service in such a connection string.</summary>
    public const int DefaultQueuePort = 10001;

    /// <summary>The port of the Table service in such a connection string.</summary>
    public const int DefaultTablePort = 10002;

    // The account of every emulator, and its key, published by Microsoft; it opens nothing else.
    private const string Account = "devstoreaccount1";
    private const string AccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private const int SignalTerminate = 15;
    private const int SignalKill = 9;

    // npx downloads Azurite the first time.
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_stopPoll = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private AzuriteProcess(Process process) => _process = process;

    /// <summary>Starts Azurite and waits until it answers.</summary>
    /// <param name="blobPort">The port of the Blob service.</param>
    /// <param name="tablePort">The port of the Table service.</param>
    /// <param name="queuePort">The port of the Queue service.</param>
    /// <param name="location">The folder of its data; null keeps everything in memory.</param>
    /// <param name="cancellationToken">Ends the wait, and Azurite with it.</param>
    /// <exception cref="InvalidOperationException">npx is not there, or Azurite ended or did not answer in five minutes.</exception>
    public static async Task<AzuriteProcess> StartAsync(int blobPort, int tablePort, int queuePort, string? location, CancellationToken cancellationToken)
    {
        var azurite = new AzuriteProcess(Launch(blobPort, tablePort, queuePort, location));
        try
        {
            azurite.Drain();
            await azurite.WaitAsync([blobPort, tablePort, queuePort], cancellationToken);
            return azurite;
        }
        catch
        {
            await azurite.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Whether an Azurite, or what seems to be one, listens on the default ports of blobs and tables. One without queues will do: only whoever has events delivered needs them.
    /// </summary>
    /// <exception cref="InvalidOperationException">One of the two ports belongs to something else.</exception>
    public static async Task<bool> IsRunningAsync(CancellationToken cancellationToken)
    {
        var blobs = await IsListeningAsync(DefaultBlobPort, cancellationToken);
        if (blobs == await IsListeningAsync(DefaultTablePort, cancellationToken)) return blobs;
        throw new InvalidOperationException(
            $"Of the ports {DefaultBlobPort} and {DefaultTablePort} of development storage only one is in use. Start Azurite on both, free both, or choose other storage than Registry:Storage:Development.");
    }

    /// <summary>Whether something listens on a port of this machine.</summary>
    public static async Task<bool> IsListeningAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>The connection string of an Azurite on these ports; null leaves the Queue service out.</summary>
    public static string ConnectionString(int blobPort, int tablePort, int? queuePort = null) =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={AccountKey};BlobEndpoint={Endpoint(blobPort)};"
        + (queuePort is { } port ? $"QueueEndpoint={Endpoint(port)};" : "")
        + $"TableEndpoint={Endpoint(tablePort)};";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (OperatingSystem.IsLinux() && !_process.HasExited)
        {
            // npx runs Azurite as a grandchild, by way of a shell that does not always pass signals on and may end first. So all of them are listed, then
            // asked, and all of them are waited for.
            var tree = Tree(_process.Id);
            tree.ForEach(static process => _ = Kill(process, SignalTerminate));
            for (var waited = TimeSpan.Zero; waited < s_stopTimeout && tree.Exists(IsRunning); waited += s_stopPoll) await Task.Delay(s_stopPoll);
            tree.FindAll(IsRunning).ForEach(static process => _ = Kill(process, SignalKill));
        }

        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private static string Endpoint(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/{Account}");

    private static Process Launch(int blobPort, int tablePort, int queuePort, string? location)
    {
        var npx = OperatingSystem.IsWindows() ? "npx.cmd" : "npx";
        List<string> arguments =
        [
            "--yes", "azurite@" + Version, "--silent", "--skipApiVersionCheck", "--disableTelemetry",
            "--blobHost", "127.0.0.1", "--queueHost", "127.0.0.1", "--tableHost", "127.0.0.1",
            "--blobPort", blobPort.ToString(CultureInfo.InvariantCulture),
            "--tablePort", tablePort.ToString(CultureInfo.InvariantCulture),
            "--queuePort", queuePort.ToString(CultureInfo.InvariantCulture),
        ];
        arguments.AddRange(location is null ? ["--inMemoryPersistence"] : ["--location", location]);
        var start = new ProcessStartInfo(npx, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException("npx was not found. Install Node.js 20 or newer, or choose other storage than Registry:Storage:Development.", e);
        }
    }

    private void Drain()
    {
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            // What it says before it fails to start is all that is ever wanted of it.
            if (_output.Length < 16 * 1024) _output.AppendLine(line);
        }
    }

    private async Task WaitAsync(int[] ports, CancellationToken cancellationToken)
    {
        var started = Stopwatch.StartNew();
        foreach (var port in ports)
        {
            while (!await IsListeningAsync(port, cancellationToken))
            {
                if (_process.HasExited || started.Elapsed > s_startTimeout)
                {
                    throw new InvalidOperationException($"Azurite did not start: {_output}");
                }

                await Task.Delay(50, cancellationToken);
            }
        }
    }

    private static List<int> Tree(int process) => [process, .. Children(process).SelectMany(Tree)];

    // A process that has ended and waits for its parent to take notice has no command line any more.
    private static bool IsRunning(int process)
    {
        try
        {
            return File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/cmdline")).Length > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static List<int> Children(int process)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task/{process}/children");
        if (!File.Exists(path)) return [];
        return [.. File.ReadAllText(path).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
