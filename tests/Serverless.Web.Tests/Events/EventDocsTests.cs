using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Serverless.Registry.Events;
using Serverless.Testing;
using Serverless.Web.Events;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Events;

/// <summary>What docs/events.md shows is what is sent, and what it sets can be set.</summary>
public sealed partial class EventDocsTests
{
    private static readonly string s_docs = Read("docs", "events.md");
    private static readonly Uri s_url = new("https://registry.example");
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Formats => [.. Enum.GetNames<EventFormat>()];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Each_format_is_shown_as_it_is_sent(string format) => Assert.Contains(Shown(New(format), EventSamples.Push), s_docs, StringComparison.Ordinal);

    [Fact]
    public void So_is_what_nobody_was_asked_for() => Assert.Contains(Shown(New("Distribution"), EventSamples.RepositoryDeletion), s_docs, StringComparison.Ordinal);

    [Fact]
    public void Every_type_of_CloudEvents_is_in_the_table()
    {
        var types = typeof(CloudEventType).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetValue(null)!).Where(t => t != CloudEventType.Prefix).ToList();
        Assert.Equal(10, types.Count);
        Assert.All(types, type => Assert.Contains($"`{type[CloudEventType.Prefix.Length..]}`", s_docs, StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_of_the_examples_can_be_set_and_every_key_has_one()
    {
        var values = Setting().Matches(s_docs).Select(m => (Key: m.Groups[1].Value.Replace("__", ":", StringComparison.Ordinal), Value: m.Groups[2].Value.Trim())).Distinct().ToDictionary(p => "Registry:" + p.Key, p => (string?)p.Value);
        var reader = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        var events = EventSettings.Read(reader, s_url, OutboundSettings.Read(reader));
        Assert.Empty(reader.Problems);
        Assert.Empty(reader.Unknown());
        var named = values.Keys.Select(k => string.Join(':', k.Split(':').Skip(3).Where(p => !char.IsAsciiDigit(p[0])))).ToHashSet();
        var keys = Keys();
        Assert.True(keys.Count >= 18, $"{keys.Count} keys");
        Assert.Empty(keys.Except(named));
        Assert.NotEmpty(events.Endpoints);
    }

    [Fact]
    public void Every_key_is_in_the_list_of_settings()
    {
        var list = Read("docs", "configuration.md");
        Assert.All(Keys(), key => Assert.True(list.Contains($"`Events:NAME:{key}", StringComparison.Ordinal) || list.Contains($"`:{key}", StringComparison.Ordinal), $"{key} is not in docs/configuration.md"));
    }

    // As it is sent, but for white space between the parts of the body.
    private static string Shown(IEventFormat format, RegistryEvent told)
    {
        var message = format.Write(told)!;
        var body = JsonSerializer.Serialize(JsonDocument.Parse(message.Body).RootElement, s_indented);
        return $"```http\n{string.Concat(message.Headers.Prepend(new("Content-Type", message.ContentType)).Select(h => $"{h.Key}: {h.Value}\n"))}\n{body}\n```\n";
    }

    private static IEventFormat New(string format) => format switch
    {
        nameof(EventFormat.Distribution) => new DistributionFormat(s_url),
        nameof(EventFormat.CloudEvents) => new CloudEventsFormat(null, s_url, isBinary: false),
        nameof(EventFormat.CloudEventsBinary) => new CloudEventsFormat(null, s_url, isBinary: true),
        nameof(EventFormat.EventGrid) => new EventGridFormat(null, s_url),
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

    private static List<string> Keys()
    {
        var sources = new[] { "EventSettings.cs", "EndpointSettings.cs", "EndpointHeaders.cs" }.Select(f => Read("src", "Serverless.Web", "Settings", f));
        return [.. sources.SelectMany(s => Key().Matches(s)).Select(m => (m.Groups[1].Value == "ignore" ? "Ignore:" : "") + m.Groups[2].Value).Where(k => k != "Ignore").Distinct()];
    }

    private static string Read(params string[] path) => File.ReadAllText(Path.Combine([SourceTree.Root, .. path]));

    [GeneratedRegex(@"Registry__((?:Events|Outbound)__[A-Za-z0-9_]+)=([^`#\n]+)")]
    private static partial Regex Setting();

    [GeneratedRegex(@"\b(key|ignore) \+ "":([A-Za-z]+)""")]
    private static partial Regex Key();
}
