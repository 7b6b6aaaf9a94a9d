using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Configuration;
using Serverless.Cli.Passwords;
using Serverless.Registry.Copying;
using Serverless.Web.Remotes;
using Serverless.Web.Settings;

namespace Serverless.Cli.Operating.Api;

/// <summary>The options by which commands work over the API of a running registry, and what the environment says in their place.</summary>
internal sealed class ApiConnection
{
    /// <summary>The variable of the environment with the registry's address.</summary>
    public const string UrlVariable = "REGISTRY_URL";

    /// <summary>The variable of the environment with the account's name.</summary>
    public const string AccountVariable = "REGISTRY_ACCOUNT";

    /// <summary>The variable of the environment with the account's password.</summary>
    public const string PasswordVariable = "REGISTRY_PASSWORD";

    // Somebody waits: four attempts at a busy registry, and half a minute between two of them at most.
    private static readonly CopyPatience s_patience = new(4, TimeSpan.FromSeconds(30));

    private readonly Option<string?> _url = new("--url")
    {
        Description = $"Works over the API of the registry at this address instead of on storage (or {UrlVariable})",
        HelpName = "URL",
        Recursive = true,
    };

    private readonly Option<string?> _account = new("--as")
    {
        Description = $"With --url: the account that signs in (or {AccountVariable}); its password is in {PasswordVariable}, or is asked for on a terminal",
        HelpName = "NAME",
        Recursive = true,
    };

    private readonly Option<string[]> _realms = new("--realm-host")
    {
        Description = "With --url: a host that may be given the password when the registry says that tokens come from there; may be repeated",
        HelpName = "HOST",
        Recursive = true,
    };

    // What a registry of this machine calls itself, whatever its clients call it.
    private static readonly string[] s_loopback = ["localhost", "127.0.0.1", "::1", "[::1]"];

    /// <summary>The options.</summary>
    public IEnumerable<Option> Options => [_url, _account, _realms];

    /// <summary>The address that was given; null: none.</summary>
    public string? FindUrl(ParseResult parsed, IConfiguration environment) => parsed.GetValue(_url) ?? (environment[UrlVariable] is { Length: > 0 } url ? url : null);

    /// <summary>Opens the registry at an address. Nothing is sent yet.</summary>
    /// <exception cref="CliException">The address is none or may not be asked, or there is no password.</exception>
    /// <exception cref="SettingsException">The settings below <c>Outbound</c> cannot be used.</exception>
    public async Task<(RemoteRegistry Registry, ApiClient Client)> OpenAsync(string text, ParseResult parsed, CliConsole console, IConfiguration settings, TimeProvider time)
    {
        var url = Parse(text);
        var account = parsed.GetValue(_account) ?? (settings[AccountVariable] is { Length: > 0 } name ? name : null);
        var options = new RemoteOptions
        {
            Address = url.GetLeftPart(UriPartial.Authority),
            Credentials = account is null ? null : await SignInAsync(account, url, console, settings),
            TrustedRealms = [.. parsed.GetValue(_realms) ?? [], .. IsThisMachine(url) ? s_loopback : []],
            Patience = s_patience,
        };
        try
        {
            var registry = RemoteRegistry.Open(options, Outbound(url, settings), time);
            return (registry, new ApiClient(registry.OpenApi(url.AbsolutePath.TrimEnd('/')), account));
        }
        catch (ImageSourceException e)
        {
            throw new CliException(e.Message, ExitCode.Usage);
        }
    }

    // The text is not repeated: somebody may have put a password into it.
    private static Uri Parse(string text)
    {
        var isUrl = Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text, UriKind.Absolute, out var url);
        return isUrl && (url!.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp) && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0
            ? url
            : throw new CliException($"--url takes the address of a registry, https://host[:port][/prefix], without a user and a password; these are for --as and {PasswordVariable}.", ExitCode.Usage);
    }

    // Whoever names a registry may mean one of his own network, and one of this machine without TLS. Everywhere else passwords and tokens go by TLS, unless the settings name the host.
    private static OutboundSettings Outbound(Uri url, IConfiguration settings)
    {
        var reader = new SettingsReader(settings);
        var outbound = OutboundSettings.Read(reader);
        if (reader.Problems.Count > 0) throw new SettingsException(reader.Problems);
        if (IsThisMachine(url)) return With(outbound, [url.Host.Trim('[', ']'), .. s_loopback]);
        if (url.Scheme == Uri.UriSchemeHttps) return With(outbound, [url.Host]);
        return outbound.Allows(url.Host)
            ? outbound
            : throw new CliException($"The registry at {url.Authority} would be sent passwords without TLS. Use https, or name the host by --set Outbound:Allow:0={url.Host}.", ExitCode.Usage);
    }

    private static OutboundSettings With(OutboundSettings outbound, string[] hosts) => new(outbound.Allowed.Concat(hosts).ToHashSet(StringComparer.OrdinalIgnoreCase));

    private static bool IsThisMachine(Uri url) =>
        IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) ? IPAddress.IsLoopback(address) : url.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static async Task<RemoteCredentials> SignInAsync(string account, Uri url, CliConsole console, IConfiguration settings)
    {
        if (account.Length == 0 || account.Contains(':', StringComparison.Ordinal)) throw new CliException("--as takes a name without a colon.", ExitCode.Usage);
        var password = settings[PasswordVariable];
        if (string.IsNullOrEmpty(password) && console.InIsTerminal) password = await PasswordPrompt.AskAsync(console, $"Password of {account} at {url.Authority}: ");
        return string.IsNullOrEmpty(password)
            ? throw new CliException($"--as needs the password in {PasswordVariable}: on the command line everybody on this machine could read it.", ExitCode.Usage)
            : RemoteCredentials.OfUser(account, password);
    }
}
