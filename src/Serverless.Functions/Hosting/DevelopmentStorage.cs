using Serverless.AzureStorage;
using Serverless.AzureStorage.Development;

namespace Serverless.Functions.Hosting;

/// <summary>The storage of a registry that was started by hand and told of none: an Azurite that runs already, else one of its own.</summary>
internal sealed partial class DevelopmentStorage(ILogger<DevelopmentStorage> logger) : IAsyncDisposable
{
    private const string Folder = ".azurite";

    private AzuriteProcess? _azurite;

    /// <summary>The Azurite that runs already on the default ports; null when there is none.</summary>
    /// <exception cref="SettingsException">One of the two ports belongs to something else.</exception>
    public static async Task<AzureStorageOptions?> FindAsync(CancellationToken cancellationToken)
    {
        var blobs = await AzuriteProcess.IsListeningAsync(AzuriteProcess.DefaultBlobPort, cancellationToken);
        var tables = await AzuriteProcess.IsListeningAsync(AzuriteProcess.DefaultTablePort, cancellationToken);
        if (blobs != tables)
        {
            throw new SettingsException(
                [$"Of the ports {AzuriteProcess.DefaultBlobPort} and {AzuriteProcess.DefaultTablePort} of development storage only one is in use. Start Azurite on both, free both, or set Registry:Storage:ConnectionString."]);
        }

        return blobs ? Options() : null;
    }

    /// <exception cref="SettingsException">There is no storage to be had.</exception>
    public async Task<AzureStorageOptions> StartAsync(CancellationToken cancellationToken)
    {
        if (await FindAsync(cancellationToken) is { } running)
        {
            LogFound();
            return running;
        }

        var folder = Path.GetFullPath(Folder);
        LogStarting(AzuriteProcess.Version, folder);
        try
        {
            _azurite = await AzuriteProcess.StartAsync(AzuriteProcess.DefaultBlobPort, AzuriteProcess.DefaultTablePort, folder, cancellationToken);
            return Options();
        }
        catch (InvalidOperationException e)
        {
            throw new SettingsException([e.Message]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_azurite is null) return;
        LogStopping();
        await _azurite.DisposeAsync();
    }

    private static AzureStorageOptions Options() => new() { ConnectionString = "UseDevelopmentStorage=true" };

    [LoggerMessage(Level = LogLevel.Information, Message = "No storage is set: using the Azurite that is running on this machine")]
    private partial void LogFound();

    [LoggerMessage(Level = LogLevel.Information, Message = "No storage is set: starting Azurite {Version} by npx, which may have to download it first; its data is in {Folder}")]
    private partial void LogStarting(string version, string folder);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping Azurite")]
    private partial void LogStopping();
}
