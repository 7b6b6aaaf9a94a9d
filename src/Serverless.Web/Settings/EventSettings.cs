using System.Text.RegularExpressions;
using Serverless.Registry.Core;
using Serverless.Registry.Events;

namespace Serverless.Web.Settings;

/// <summary>Who is told of what happens.</summary>
/// <param name="Endpoints">The endpoints, without those that are disabled.</param>
public sealed partial record EventSettings(IReadOnlyList<EndpointSettings> Endpoints)
{
    /// <summary>Nobody is told of anything.</summary>
    public static EventSettings None { get; } = new([]);

    /// <summary>What the endpoints want to be told of.</summary>
    public IReadOnlyList<EventSubscription> Subscriptions => [.. Endpoints.Select(e => e.Subscription)];

    /// <summary>Reads the settings below <c>Events</c>, a section for each endpoint.</summary>
    /// <param name="reader">Where they are read from; bad values become its problems.</param>
    /// <param name="publicUrl">The address below which clients find <c>v2</c>, the prefix of all paths included; null: events have no URLs.</param>
    /// <param name="outbound">Where the registry may send events to.</param>
    public static EventSettings Read(SettingsReader reader, Uri? publicUrl, OutboundSettings outbound)
    {
        var endpoints = new List<EndpointSettings>();
        foreach (var key in reader.Sections("Events"))
        {
            var name = key[(key.LastIndexOf(':') + 1)..].ToLowerInvariant();
            if (!NameGrammar().IsMatch(name)) reader.Problem(key, "must be named with 1 to 32 letters, digits and hyphens.");
            // One that is disabled is read like the others: its keys are known, and what is wrong with it shows before it is needed.
            var endpoint = EndpointSettings.Read(reader, key, name, outbound) with { PublicUrl = publicUrl };
            if (!reader.Flag(key + ":Disabled", false)) endpoints.Add(endpoint);
        }

        if (endpoints.Count > RegistryOptions.MaxEventEndpoints) reader.Problem("Events", $"must have at most {RegistryOptions.MaxEventEndpoints} endpoints that are not disabled.");
        return new EventSettings(endpoints);
    }

    // The names are parts of keys of rows.
    [GeneratedRegex(@"\A[a-z0-9-]{1,32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameGrammar();
}
