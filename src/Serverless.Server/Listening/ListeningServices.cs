using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Serverless.Server.Listening;

/// <summary>Adds Kestrel, as the settings say.</summary>
internal static class ListeningServices
{
    public static void AddListening(this WebApplicationBuilder builder, HttpSettings settings)
    {
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => Configure(options, settings));
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemory>();
        builder.Services.Configure<SocketTransportOptions>(options => options.CreateBoundListenSocket = UnixSockets.Bind);
        // The addresses are bound one by one, and the framework would say that it was overruled.
        foreach (var key in (string[])["urls", "http_ports", "https_ports"]) builder.Configuration[key] = "";
        if (settings.Tls is { } tls) builder.Services.AddSingleton(tls).AddHostedService<TlsReload>();
        if (settings.H2c)
        {
            builder.Services.AddSingleton(sp => new PriorKnowledge(new KestrelServerLimits().KeepAliveTimeout, sp.GetRequiredService<TimeProvider>()));
            builder.Services.AddSingleton<IConnectionListenerFactory>(sp => sp.GetRequiredService<PriorKnowledge>());
        }
    }

    private static void Configure(KestrelServerOptions options, HttpSettings settings)
    {
        options.AddServerHeader = false;
        // Where the target names the host, the header does not count (RFC 9112, section 3.2.2); without this, two that differ would be refused.
        options.AllowHostHeaderOverride = true;
        var h2c = settings.H2c ? options.ApplicationServices.GetRequiredService<PriorKnowledge>() : null;
        foreach (var address in settings.Addresses) address.Bind(options, endpoint => Configure(endpoint, address.IsTls ? settings.Tls : null, h2c));
        if (h2c is not null) options.Listen(h2c.EndPoint, endpoint => endpoint.Protocols = HttpProtocols.Http2);
    }

    private static void Configure(ListenOptions endpoint, TlsSource? tls, PriorKnowledge? h2c)
    {
        endpoint.Protocols = tls is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
        if (tls is not null) endpoint.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(tls.Current) });
        else if (h2c is not null) endpoint.Use(h2c.Sort);
    }
}
