using Serverless.Web.Settings;

namespace Serverless.Web.Hosting;

/// <summary>Warns at start of settings that nobody has asked for: misspelled, they would silently have no effect.</summary>
internal sealed partial class UnknownSettings(SettingsReader reader, ILogger<UnknownSettings> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var key in reader.Unknown()) LogUnknownSetting(SettingsReader.Root + ":" + key);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The setting {Key} is unknown and has no effect")]
    private partial void LogUnknownSetting(string key);
}
