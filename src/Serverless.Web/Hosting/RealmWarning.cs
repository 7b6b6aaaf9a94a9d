namespace Serverless.Web.Hosting;

/// <summary>Warns at start that clients of other machines are sent to sign in to an address that nobody has chosen.</summary>
internal sealed partial class RealmWarning(ILogger<RealmWarning> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        LogNoPublicUrl();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Registry:PublicUrl is not set, so clients are told to sign in at the address and by the scheme of their connection to this process, http included, which behind a proxy is not "
            + "the address that they know. Set it to the https address that clients use")]
    private partial void LogNoPublicUrl();
}
