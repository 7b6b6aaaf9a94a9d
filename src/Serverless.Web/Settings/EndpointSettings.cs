using System.Text;
using Microsoft.Net.Http.Headers;
using Serverless.Registry.Delivery;
using Serverless.Registry.Events;

namespace Serverless.Web.Settings;

/// <summary>The settings of one endpoint that is told of events.</summary>
public sealed record EndpointSettings
{
    /// <summary>The shortest key of signatures, in bytes.</summary>
    public const int MinSecretLength = 16;

    /// <summary>What a secret begins with that is written in base64 (Standard Webhooks 1.0.0, "Signature scheme").</summary>
    public const string SecretPrefix = "whsec_";

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longestTimeout = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan s_longestBackoff = TimeSpan.FromDays(1);
    private static readonly Uri s_none = new("https://none.invalid");

    /// <summary>What the endpoint wants to be told of.</summary>
    public required EventSubscription Subscription { get; init; }

    /// <summary>How it is told.</summary>
    public required EndpointOptions Options { get; init; }

    /// <summary>Where events are sent to. Its query may be a secret.</summary>
    public required Uri Url { get; init; }

    /// <summary>How events are written.</summary>
    public EventFormat Format { get; init; }

    /// <summary>What is sent along with every event; the values may be secrets.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The key that events are signed with; null when they are not signed.</summary>
    public ReadOnlyMemory<byte>? Secret { get; init; }

    /// <summary>How long an attempt may take.</summary>
    public TimeSpan Timeout { get; init; } = s_timeout;

    /// <summary>How many redirects are followed.</summary>
    public int Redirects { get; init; }

    /// <summary>The client id of the managed identity that signs in to Event Grid; null leaves the choice to Azure.Identity.</summary>
    public string? ClientId { get; init; }

    /// <summary>What events say that they come from: the source of CloudEvents, the topic of Event Grid; null for what is usual there.</summary>
    public string? Source { get; init; }

    /// <summary>The address below which clients find <c>v2</c>; null when none is configured.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>The name alone: the rest may be secrets.</summary>
    public override string ToString() => Subscription.Name;

    /// <summary>Reads the settings of one endpoint.</summary>
    /// <param name="reader">Where they are read from; bad values become its problems.</param>
    /// <param name="key">The key below which they are, <c>Events:NAME</c>.</param>
    /// <param name="name">What the endpoint is called.</param>
    /// <param name="outbound">Where the registry may send events to.</param>
    public static EndpointSettings Read(SettingsReader reader, string key, string name, OutboundSettings outbound)
    {
        var settings = new EndpointSettings
        {
            Subscription = new EventSubscription(name),
            Options = ReadOptions(reader, key),
            Url = ReadUrl(reader, key, outbound),
            Format = reader.Choice(key + ":Format", EventFormat.Distribution),
            Headers = EndpointHeaders.Read(reader, key),
            Secret = ReadSecret(reader, key),
            Timeout = reader.Duration(key + ":Timeout", s_timeout),
            Redirects = reader.Number(key + ":Redirects", 0, 0, 5),
            ClientId = reader.Text(key + ":ClientId"),
            Source = reader.Text(key + ":Source"),
        };
        if (settings.Timeout > s_longestTimeout) reader.Problem(key + ":Timeout", $"must be at most {s_longestTimeout:c}.");
        if (settings.ClientId is not null && settings.Format != EventFormat.EventGrid) reader.Problem(key + ":ClientId", $"is only for the format {EventFormat.EventGrid}.");
        if (settings.Source is { } source && !Uri.IsWellFormedUriString(source, UriKind.RelativeOrAbsolute)) reader.Problem(key + ":Source", "must be a URI, or a path such as /registries/name.");
        settings = settings with { Subscription = ReadSubscription(reader, key, settings) };
        // ACR's schema has no place for them, and to find them out costs a read.
        return settings.Format == EventFormat.EventGrid ? settings with { Options = settings.Options with { IncludeReferences = false }, Url = WithVersion(settings.Url) } : settings;
    }

    // The version of the interface that topics are asked with, unless the address says another one (https://learn.microsoft.com/azure/event-grid/post-to-custom-topic).
    private static Uri WithVersion(Uri topic) => topic.Query.Contains("api-version=", StringComparison.OrdinalIgnoreCase)
        ? topic
        : new UriBuilder(topic) { Query = topic.Query.Length > 1 ? topic.Query[1..] + "&api-version=2018-01-01" : "api-version=2018-01-01" }.Uri;

    private static EndpointOptions ReadOptions(SettingsReader reader, string key)
    {
        var defaults = new EndpointOptions();
        var options = new EndpointOptions
        {
            Ordered = reader.Flag(key + ":Ordered", defaults.Ordered),
            IncludeReferences = reader.Flag(key + ":IncludeReferences", defaults.IncludeReferences),
            Threshold = reader.Number(key + ":Threshold", defaults.Threshold, 1, 100),
            Backoff = reader.Duration(key + ":Backoff", defaults.Backoff),
            MaxBackoff = reader.Duration(key + ":MaxBackoff", defaults.MaxBackoff),
            MaxAge = reader.Duration(key + ":MaxAge", defaults.MaxAge),
        };
        if (options.MaxBackoff > s_longestBackoff) reader.Problem(key + ":MaxBackoff", $"must be at most {s_longestBackoff:c}.");
        if (options.Backoff > options.MaxBackoff) reader.Problem(key + ":Backoff", $"must be at most {SettingsReader.Root}:{key}:MaxBackoff.");
        return options;
    }

    private static EventSubscription ReadSubscription(SettingsReader reader, string key, EndpointSettings settings)
    {
        var isEventGrid = settings.Format == EventFormat.EventGrid;
        var ignore = key + ":Ignore";
        var pulls = reader.Flag(key + ":Pulls", false);
        if (pulls && isEventGrid) reader.Problem(key + ":Pulls", $"must be false for the format {EventFormat.EventGrid}, which has no event for pulls.");
        var ignored = reader.List(ignore + ":Actions", "push, pull, mount, delete or quota", ParseAction);
        // Of what a format cannot tell nothing needs to be stored.
        var all = Enum.GetValues<EventAction>().Where(a => isEventGrid ? a is EventAction.Push or EventAction.Delete : pulls || a != EventAction.Pull);
        List<EventAction> actions = [.. all.Except(ignored)];
        if (actions.Count == 0) reader.Problem(key + ":Ignore", "must leave something to tell of.");
        return settings.Subscription with
        {
            Actions = actions,
            IgnoredMediaTypes = reader.List(ignore + ":MediaTypes", "a media type such as application/octet-stream", ParseMediaType),
            Repositories = reader.List(key + ":Repositories", "the name of a repository, with * for any text and ? for one character", ParsePattern),
            Blobs = reader.Flag(key + ":Blobs", true) && !isEventGrid,
        };
    }

    private static Uri ReadUrl(SettingsReader reader, string key, OutboundSettings outbound)
    {
        if (reader.Text(key + ":Url") is not { } text)
        {
            reader.Problem(key + ":Url", "must be set.");
            return s_none;
        }

        // Other than addresses of the registry's own, it may have a query: many services take their keys there.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
        {
            reader.Problem(key + ":Url", "must be an absolute https URL without a fragment and without a user's name; credentials go into Headers.");
            return s_none;
        }

        if (outbound.FindProblem(url) is { } problem) reader.Problem(key + ":Url", problem);
        return url;
    }

    private static ReadOnlyMemory<byte>? ReadSecret(SettingsReader reader, string key)
    {
        if (reader.Text(key + ":Secret") is not { } text) return null;
        var secret = text.StartsWith(SecretPrefix, StringComparison.Ordinal) ? FromBase64(text[SecretPrefix.Length..]) : Encoding.UTF8.GetBytes(text);
        if (secret is null) reader.Problem(key + ":Secret", $"must have base64 after {SecretPrefix}.");
        else if (secret.Length < MinSecretLength) reader.Problem(key + ":Secret", $"must have at least {MinSecretLength} bytes.");
        return secret;
    }

    private static byte[]? FromBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }

    // Numbers are no names of actions, though the framework takes them for some.
    private static EventAction ParseAction(string text) =>
        text.All(char.IsAsciiLetter) && Enum.TryParse<EventAction>(text, ignoreCase: true, out var action) ? action : throw new ArgumentException(text);

    private static string ParseMediaType(string text) =>
        MediaTypeHeaderValue.TryParse(text, out var type) && type.MediaType == text && !text.Contains('*', StringComparison.Ordinal) ? text : throw new ArgumentException(text);

    private static string ParsePattern(string text) =>
        text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || "._-/*?".Contains(c, StringComparison.Ordinal)) ? text : throw new ArgumentException(text);
}
