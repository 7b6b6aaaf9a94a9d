using Serverless.Web.Settings;

namespace Serverless.Server;

/// <summary>Says at the start in which folder everything is kept, so that nobody looks for it, or deletes it for something else.</summary>
internal sealed partial class StorageNotice(StorageSettings settings, ILogger<StorageNotice> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.Folder is not { } path) return Task.CompletedTask;
        var folder = Path.GetFullPath(path);
        if (settings.IsOpen) LogDefault(folder);
        else LogChosen(folder);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "Everything is kept in {Folder}")]
    private partial void LogChosen(string folder);

    [LoggerMessage(Level = LogLevel.Information, Message = "No storage is set: everything is kept in {Folder}; Registry:Storage:Path chooses another folder")]
    private partial void LogDefault(string folder);
}
