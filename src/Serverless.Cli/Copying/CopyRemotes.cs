using Serverless.Registry.Copying;
using Serverless.Web.Remotes;

namespace Serverless.Cli.Copying;

/// <summary>Opens other registries, with the user of the command line and the password of the environment.</summary>
internal sealed record CopyRemotes(string? User, IReadOnlyCollection<string> TrustedRealms)
{
    /// <summary>The variable of the environment with the password for a registry that is copied from.</summary>
    public const string SourcePassword = "REGISTRY_SOURCE_PASSWORD";

    /// <summary>The variable of the environment with the password for a registry that is copied to.</summary>
    public const string TargetPassword = "REGISTRY_TARGET_PASSWORD";

    /// <exception cref="CliException">There is no password for the user.</exception>
    /// <exception cref="ImageSourceException">The registry may not be asked.</exception>
    public RemoteRegistry Open(CliContext context, string address, string passwordVariable)
    {
        RemoteCredentials? credentials = null;
        if (User is not null)
        {
            var password = Environment.GetEnvironmentVariable(passwordVariable);
            if (string.IsNullOrEmpty(password)) throw new CliException($"--user needs the password in {passwordVariable}: on the command line everybody on this machine could read it.", ExitCode.Usage);
            credentials = User.Length > 0 && !User.Contains(':', StringComparison.Ordinal) ? RemoteCredentials.OfUser(User, password) : throw new CliException("--user takes a name without a colon.", ExitCode.Usage);
        }

        var options = new RemoteOptions { Address = address, Credentials = credentials, TrustedRealms = TrustedRealms, Patience = CopyPatience.Default };
        return RemoteRegistry.Open(options, context.Settings.Outbound, context.Time);
    }
}
