namespace Serverless.Server.Listening;

/// <summary>
/// Looks whether the files of the TLS settings have changed, by their content: where they are mounted, as on Kubernetes, neither names nor times tell.
/// </summary>
internal sealed partial class TlsReload(TlsSource source, TimeProvider time, ILogger<TlsReload> logger) : BackgroundService
{
    /// <summary>How long a new certificate may wait.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private string? _problem;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) Look();
    }

    private void Look()
    {
        try
        {
            if (source.Refresh()) LogChanged();
            _problem = null;
        }
        catch (TlsFileException e)
        {
            // Once, and not with every look.
            if (_problem != e.Message) LogUnusable(e.Key, e.Message);
            _problem = e.Message;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The files of Registry:Http:Tls have changed; new connections get what they hold now")]
    private partial void LogChanged();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The files of Registry:Http:Tls have changed, but cannot be used, so the certificate stays as it was: Registry:{Key} {Problem}")]
    private partial void LogUnusable(string key, string problem);
}
