using Serverless.AzureStorage.Development;
using Serverless.Web.Settings;

namespace Serverless.Server;

/// <summary>
/// The storage of a registry with <c>Storage:Development</c>: an Azurite that runs already, else one of its own, which is there before anybody listens for requests and ends with the
/// process.
/// </summary>
internal sealed partial class DevelopmentStorage(StorageSettings settings, ILogger<DevelopmentStorage> logger) : IHostedLifecycleService, IAsyncDisposable
{
    private const string Folder = ".azurite";

    private AzuriteProcess? _azurite;

    /// <exception cref="SettingsException">There is no storage to be had.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!settings.Development) return;
        try
        {
            if (await AzuriteProcess.IsRunningAsync(cancellationToken))
            {
                LogFound();
                return;
            }

            var folder = Path.GetFullPath(Folder);
            LogStarting(AzuriteProcess.Version, folder);
            _azurite = await AzuriteProcess.StartAsync(
                AzuriteProcess.DefaultBlobPort, AzuriteProcess.DefaultTablePort, AzuriteProcess.DefaultQueuePort, folder, cancellationToken);
        }
        catch (InvalidOperationException e)
        {
            throw new SettingsException([e.Message]);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_azurite is null) return;
        LogStopping();
        await _azurite.DisposeAsync();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Using the Azurite that is running on this machine")]
    private partial void LogFound();

    [LoggerMessage(Level = LogLevel.Information, Message = "Starting Azurite {Version} by npx, which may have to download it first; its data is in {Folder}")]
    private partial void LogStarting(string version, string folder);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping Azurite")]
    private partial void LogStopping();
}
